import type { AttributeReader } from "../ir/attributes.ts";
import { defineOp, type OpDefinition, type QuantRule, type UpgradeFacet } from "./op.ts";
import { foldElementwise, type ScalarFunction } from "./rules/fold.ts";
import { inferred, knownScalar } from "./rules/operand.ts";
import { pointwiseRule } from "./rules/time.ts";

const OWN: QuantRule = { inputs: ["activation"], output: "own" };
const UNIT: QuantRule = { inputs: ["activation"], output: [0, 1] };

interface UnaryTraits {
  readonly quant?: QuantRule;
  /** Only functions that IEEE arithmetic makes exact; the rest is left to the runtime. */
  readonly fold?: (attributes: AttributeReader) => ScalarFunction;
  readonly upgrade?: UpgradeFacet;
}

/** An activation: one output of the input's shape and dtype, element by element. */
export function activation(op: string, doc: string, traits: UnaryTraits = { quant: OWN }): OpDefinition {
  return defineOp(op, doc, (attributes) => {
    const f = traits.fold?.(attributes);
    return {
      infer: ([x]) => [inferred(x?.dtype, x?.shape)],
      stream: pointwiseRule,
      ...(traits.quant && { quant: traits.quant }),
      ...(f && {
        fold([x]) {
          const out = x?.constant && foldElementwise([x.constant], x.constant.dims, x.constant.dtype, f);
          return out && [out];
        },
      }),
    };
  });
}

const relu = activation("Relu", "max(x, 0).", {
  quant: { ...OWN, fusesIntoProducer: true },
  fold: () => ({ float: (x) => (x > 0 || Number.isNaN(x) ? x : 0), int: (x) => (x > 0n ? x : 0n) }),
});
const sigmoid = activation("Sigmoid", "1 / (1 + exp(−x)).", { quant: UNIT });
const tanh = activation("Tanh", "Hyperbolic tangent.", {
  quant: { inputs: ["activation"], output: [-1, 1] },
});
const leakyRelu = activation("LeakyRelu", "x, or alpha·x below zero.");
const elu = activation("Elu", "x, or alpha·(exp(x) − 1) below zero.");
const selu = activation("Selu", "gamma · Elu(x).");
const celu = activation("Celu", "Elu that is smooth for every alpha.");
const gelu = activation("Gelu", "x · Φ(x), Φ the normal distribution.");
const hardSigmoid = activation("HardSigmoid", "alpha·x + beta clipped to [0, 1].", { quant: UNIT });
const hardSwish = activation("HardSwish", "x · HardSigmoid(x).");
const softplus = activation("Softplus", "log(1 + exp(x)).");
const softsign = activation("Softsign", "x / (1 + |x|).", {
  quant: { inputs: ["activation"], output: [-1, 1] },
});
const mish = activation("Mish", "x · tanh(Softplus(x)).");
const swish = activation("Swish", "x · Sigmoid(alpha·x).");
const thresholdedRelu = activation("ThresholdedRelu", "x above alpha, else 0.");
const shrink = activation("Shrink", "Pulls x towards 0 by bias outside ±lambd.", {});

/** Slope broadcasts to x in one direction (opset ≥ 7). */
const pRelu = defineOp("PRelu", "x, or slope·x below zero, one slope per channel.", () => ({
  infer: ([x]) => [inferred(x?.dtype, x?.shape)],
  stream: pointwiseRule,
  quant: { inputs: ["activation", "plain"], output: "own" },
}));

/** Bounds are attributes before opset 11, inputs since. */
const clip = defineOp(
  "Clip",
  "Limits values to [min, max].",
  (attributes) => ({
    infer: ([x]) => [inferred(x?.dtype, x?.shape)],
    stream: pointwiseRule,
    quant: { inputs: ["activation", "plain", "plain"], output: "own" },
    fold([x, lo, hi]) {
      if (!x?.constant || (lo && !lo.constant) || (hi && !hi.constant)) return undefined;
      const min = knownScalar(lo) ?? attributes.float("min", -Infinity);
      const max = knownScalar(hi) ?? attributes.float("max", Infinity);
      const out = foldElementwise([x.constant], x.constant.dims, x.constant.dtype, {
        float: (v) => (Number.isNaN(v) ? v : Math.min(Math.max(v, min), max)),
        int: (v) => (Number(v) < min ? BigInt(min) : Number(v) > max ? BigInt(max) : v),
      });
      return out && [out];
    },
  }),
  {
    before: 11,
    upgrade(node, attributes, { constant }) {
      const inputs = [node.inputs[0] ?? ""];
      const min = attributes.optionalFloat("min");
      const max = attributes.optionalFloat("max");
      if (min !== undefined || max !== undefined) inputs.push(min === undefined ? "" : constant([min], []));
      if (max !== undefined) inputs.push(constant([max], []));
      return [{ ...node, inputs, attributes: {} }];
    },
  },
);

export const activationsOps: readonly OpDefinition[] = [
  relu,
  sigmoid,
  tanh,
  leakyRelu,
  elu,
  selu,
  celu,
  gelu,
  hardSigmoid,
  hardSwish,
  softplus,
  softsign,
  mish,
  swish,
  thresholdedRelu,
  shrink,
  pRelu,
  clip,
];
