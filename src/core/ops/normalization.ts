import type { Shape } from "../ir/graph.ts";
import type { Inferred } from "./op.ts";
import {
  defineOp,
  type OpDefinition,
  type OperandInfo,
  type Reduction,
  refuse,
  type StreamContext,
  type StreamRule,
} from "./op.ts";
import { dimOf, fromFront, inferred } from "./rules/operand.ts";
import { unaryAlong } from "./rules/time.ts";

/** Inference form: y = scale·(x − mean)/√(var + epsilon) + B per channel (axis 1). */
const batchNormalization = defineOp(
  "BatchNormalization",
  "Scales and shifts each channel by stored statistics.",
  (attributes, node) => ({
    infer([x, scale, , mean]) {
      const outs: Inferred[] = [inferred(x?.dtype, x?.shape)];
      for (let i = 1; i < node.outputs.length; i++) outs.push(inferred((mean ?? scale)?.dtype, scale?.shape));
      return outs;
    },
    stream: (context) =>
      unaryAlong(context, (axis) => {
        if (attributes.int("training_mode", 0) !== 0) return refuse("timeReduced");
        return axis === 1 ? refuse("timeVaryingConstant") : { kind: "perFrame", axis };
      }),
  }),
  {
    before: 14,
    upgrade(node, attributes, { isUsed }, opset) {
      if (attributes.int("spatial", 1) === 0) return undefined;
      // Before opset 7 the mode was an attribute; later the extra outputs meant training.
      if (opset < 7 && attributes.int("is_test", 0) === 0) return undefined;
      const { spatial, is_test, consumed_inputs, ...rest } = node.attributes;
      if (node.outputs.slice(1).some(isUsed)) return undefined;
      return [{ ...node, outputs: node.outputs.slice(0, 1), attributes: rest }];
    },
  },
);

/** Statistics over the axes from `first` on; frame by frame while time stands before them. */
function normalizeFrom(context: StreamContext, first: (rank: number) => number): StreamRule {
  return unaryAlong(context, (axis, rank) =>
    axis >= first(rank) ? refuse("timeReduced") : { kind: "perFrame", axis },
  );
}

const layerNormalization = defineOp(
  "LayerNormalization",
  "Normalises each slice over the axes from `axis` on.",
  (attributes, node) => {
    const axis = attributes.int("axis", -1);
    return {
      infer([x]) {
        const outs = [inferred(x?.dtype, x?.shape)];
        const first = fromFront(axis, x?.shape?.length ?? 0);
        const statistics = x?.shape?.map((d, i) => (i < first ? d : 1));
        for (let i = 1; i < node.outputs.length; i++) outs.push(inferred("float32", statistics));
        return outs;
      },
      stream: (context) => normalizeFrom(context, (rank) => fromFront(axis, rank)),
      reduction: ([x, , shift]) =>
        x?.shape && {
          ...overTrailing(x.shape, axis, attributes.float("epsilon", 1e-5)),
          ...(shift && { shift: 2 }),
        },
    };
  },
);

type Normalize = Extract<Reduction, { kind: "normalize" }>;

function overTrailing(shape: Shape, axis: number, epsilon: number): Normalize {
  const first = fromFront(axis, shape.length);
  return {
    kind: "normalize",
    axes: shape.flatMap((_, i) => (i < first ? [] : [i])),
    channelsPerGroup: 1,
    epsilon,
    rootMeanSquare: false,
    scale: 1,
    affine: "trailing",
  };
}

/** Groups of channels, each over all spatial axes; undefined if their size is not known. */
function overSpatial(
  x: OperandInfo | undefined,
  scale: OperandInfo | undefined,
  { groups, epsilon }: { readonly groups?: number; readonly epsilon: number },
): Normalize | undefined {
  const channels = dimOf(x, 1);
  const perGroup = groups === undefined ? 1 : typeof channels === "number" ? channels / groups : 0;
  if (!x?.shape || perGroup < 1 || !Number.isInteger(perGroup)) return undefined;
  return {
    kind: "normalize",
    axes: x.shape.flatMap((_, i) => (i < 2 ? [] : [i])),
    channelsPerGroup: perGroup,
    epsilon,
    rootMeanSquare: false,
    scale: 1,
    shift: 2,
    // Opset 18 scaled whole groups, opset 21 scales channels.
    affine: groups !== undefined && perGroup > 1 && dimOf(scale, 0) === groups ? "group" : "channel",
  };
}

const instanceNormalization = defineOp(
  "InstanceNormalization",
  "Normalises each channel over its spatial axes.",
  (attributes) => ({
    infer: ([x]) => [inferred(x?.dtype, x?.shape)],
    stream: (context) => normalizeFrom(context, () => 1),
    reduction: ([x, scale]) => overSpatial(x, scale, { epsilon: attributes.float("epsilon", 1e-5) }),
  }),
);
const groupNormalization = defineOp(
  "GroupNormalization",
  "Normalises groups of channels over their spatial axes.",
  (attributes) => ({
    infer: ([x]) => [inferred(x?.dtype, x?.shape)],
    stream: (context) => normalizeFrom(context, () => 1),
    reduction: ([x, scale]) =>
      overSpatial(x, scale, {
        groups: attributes.int("num_groups", 1),
        epsilon: attributes.float("epsilon", 1e-5),
      }),
  }),
);
const rmsNormalization = defineOp(
  "RMSNormalization",
  "Divides each slice by its root mean square over the axes from `axis` on.",
  (attributes) => ({
    infer: ([x]) => [inferred(x?.dtype, x?.shape)],
    stream: (context) => normalizeFrom(context, (rank) => fromFront(attributes.int("axis", -1), rank)),
    reduction: ([x]) =>
      x?.shape && {
        ...overTrailing(x.shape, attributes.int("axis", -1), attributes.float("epsilon", 1e-5)),
        rootMeanSquare: true,
      },
  }),
);
/** Sums squares of neighbouring channels, so every other axis is independent. */
const lrn = defineOp("LRN", "Divides by the energy of neighbouring channels.", () => ({
  infer: ([x]) => [inferred(x?.dtype, x?.shape)],
  stream: (context) =>
    unaryAlong(context, (axis) => (axis === 1 ? refuse("timeReduced") : { kind: "perFrame", axis })),
}));
const lpNormalization = defineOp(
  "LpNormalization",
  "Divides by the Lp norm along one axis.",
  (attributes) => ({
    infer: ([x]) => [inferred(x?.dtype, x?.shape)],
    stream: (context) =>
      unaryAlong(context, (axis, rank) =>
        axis === fromFront(attributes.int("axis", -1), rank)
          ? refuse("timeReduced")
          : { kind: "perFrame", axis },
      ),
  }),
);
const meanVarianceNormalization = defineOp(
  "MeanVarianceNormalization",
  "Subtracts the mean and divides by the deviation over the given axes.",
  (attributes) => ({
    infer: ([x]) => [inferred(x?.dtype, x?.shape)],
    stream: (context) =>
      unaryAlong(context, (axis, rank) =>
        attributes.ints("axes", [0, 2, 3]).some((a) => fromFront(a, rank) === axis)
          ? refuse("timeReduced")
          : { kind: "perFrame", axis },
      ),
    reduction: ([x]) =>
      x?.shape && {
        kind: "normalize",
        axes: attributes.ints("axes", [0, 2, 3]).map((a) => fromFront(a, x.shape?.length ?? 0)),
        channelsPerGroup: 1,
        // The operator's definition adds it to the deviation, not to the variance.
        epsilon: 1e-18,
        rootMeanSquare: false,
        affine: "channel",
      },
  }),
);

export const normalizationOps: readonly OpDefinition[] = [
  batchNormalization,
  layerNormalization,
  instanceNormalization,
  groupNormalization,
  rmsNormalization,
  lrn,
  lpNormalization,
  meanVarianceNormalization,
];
