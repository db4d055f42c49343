import { named } from "../base/detail.ts";
import type { AttributeReader } from "../ir/attributes.ts";
import type { Node } from "../ir/graph.ts";
import { type Cost, defineOp, type OpDefinition, type QuantRule, refuse, type StreamContext } from "./op.ts";
import { countPerFrame, inferred } from "./rules/operand.ts";
import { windowLengths, windowOf, windowRule } from "./rules/window.ts";

interface PoolTraits {
  readonly padValue: number | "lowest";
  readonly quant: QuantRule;
  /** Whether padded positions enter a mean like values; undefined: no mean is taken. */
  readonly padsCount: (attributes: AttributeReader) => boolean | undefined;
}

function pool(op: string, doc: string, traits: PoolTraits): OpDefinition {
  return defineOp(op, doc, (attributes, node) => {
    const window = windowOf(attributes, attributes.ints("kernel_shape", []));
    return {
      infer([x]) {
        const indices = node.outputs.length > 1;
        const shape = x?.shape && [...x.shape.slice(0, 2), ...windowLengths(window, x.shape.slice(2))];
        const y = inferred(x?.dtype, shape);
        return indices ? [y, inferred("int64", shape)] : [y];
      },
      stream: (context) => poolStream(node, window, traits.padsCount(attributes), traits, context),
      quant: traits.quant,
      cost: (_, [y]): Cost => ({
        macs: op === "MaxPool" ? 0 : countPerFrame(y?.shape) * countPerFrame(window.kernel),
      }),
    };
  });
}

function poolStream(
  node: Node,
  window: ReturnType<typeof windowOf>,
  padsCount: boolean | undefined,
  { padValue }: PoolTraits,
  { axes, operands }: StreamContext,
) {
  const axis = axes[0];
  const shape = operands[0]?.shape;
  if (axis === undefined || !shape) return refuse("shapeUnknown");
  if (axis < 2) return { kind: "perFrame", axis } as const;
  if (node.outputs[1]) return refuse("timeIndexed", named("Indices"));
  return windowRule({ node, window, axis, shape, padValue, ...(padsCount !== undefined && { padsCount }) });
}

const maxPool = pool("MaxPool", "Largest value of each window.", {
  padValue: "lowest",
  quant: { inputs: ["activation"], output: "same" },
  padsCount: () => undefined,
});

const averagePool = pool("AveragePool", "Mean of each window.", {
  padValue: 0,
  quant: { inputs: ["activation"], output: "own" },
  padsCount: (attributes) => attributes.int("count_include_pad", 0) !== 0,
});

const lpPool = pool("LpPool", "Lp norm of each window.", {
  padValue: 0,
  quant: { inputs: ["activation"], output: "own" },
  padsCount: () => undefined,
});

function globalPool(op: string, doc: string, quant: QuantRule, of?: "mean" | "max"): OpDefinition {
  return defineOp(op, doc, () => ({
    infer: ([x]) => [
      inferred(
        x?.dtype,
        x?.shape?.map((d, i) => (i < 2 ? d : 1)),
      ),
    ],
    stream({ axes }) {
      const axis = axes[0];
      if (axis === undefined) return refuse("shapeUnknown");
      return axis < 2 ? { kind: "perFrame", axis } : refuse("timeReduced");
    },
    reduction([x]) {
      const axes = x?.shape?.flatMap((_, i) => (i < 2 ? [] : [i]));
      return of && axes && { kind: "reduce", of, axes, keep: true };
    },
    quant,
    cost: ([x]): Cost => ({ macs: op === "GlobalMaxPool" ? 0 : countPerFrame(x?.shape) }),
  }));
}

const globalAveragePool = globalPool(
  "GlobalAveragePool",
  "Mean over all spatial axes.",
  { inputs: ["activation"], output: "own" },
  "mean",
);
const globalMaxPool = globalPool(
  "GlobalMaxPool",
  "Largest value over all spatial axes.",
  { inputs: ["activation"], output: "same", floatOnly: true },
  "max",
);
const globalLpPool = globalPool("GlobalLpPool", "Lp norm over all spatial axes.", {
  inputs: ["activation"],
  output: "own",
});

export const poolOps: readonly OpDefinition[] = [
  maxPool,
  averagePool,
  lpPool,
  globalAveragePool,
  globalMaxPool,
  globalLpPool,
];
