import type { Inferred } from "./op.ts";
import { defineOp, type OpDefinition, refuse, type StreamContext, type StreamRule } from "./op.ts";
import { fromFront, inferred } from "./rules/operand.ts";
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
    };
  },
);

function channelNormalization(op: string, doc: string, first: number): OpDefinition {
  return defineOp(op, doc, () => ({
    infer: ([x]) => [inferred(x?.dtype, x?.shape)],
    stream: (context) => normalizeFrom(context, () => first),
  }));
}

const instanceNormalization = channelNormalization(
  "InstanceNormalization",
  "Normalises each channel over its spatial axes.",
  1,
);
const groupNormalization = channelNormalization(
  "GroupNormalization",
  "Normalises groups of channels over their spatial axes.",
  1,
);
const rmsNormalization = defineOp(
  "RMSNormalization",
  "Divides each slice by its root mean square over the axes from `axis` on.",
  (attributes) => ({
    infer: ([x]) => [inferred(x?.dtype, x?.shape)],
    stream: (context) => normalizeFrom(context, (rank) => fromFront(attributes.int("axis", -1), rank)),
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
