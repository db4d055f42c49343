import type { Dim } from "../ir/graph.ts";
import { activation } from "./activations.ts";
import { defineOp, type OpDefinition } from "./op.ts";
import { multiplyDims } from "./rules/dim.ts";
import { foldElementwise } from "./rules/fold.ts";
import { inferred, isInteger, vectorOf } from "./rules/operand.ts";
import { pointwiseRule } from "./rules/time.ts";

const OWN = { inputs: ["activation"], output: "own" } as const;

/** Nearest integer, halves to even, as ONNX Round. */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

const neg = defineOp("Neg", "−x.", () => ({
  infer([x]) {
    const v = isInteger(x?.dtype) ? vectorOf(x) : undefined;
    return [
      inferred(
        x?.dtype,
        x?.shape,
        v?.map((d: Dim) => multiplyDims(d, -1)),
      ),
    ];
  },
  stream: pointwiseRule,
  quant: OWN,
  fold([x]) {
    const f = { float: (v: number) => -v, int: (v: bigint) => -v };
    const out = x?.constant && foldElementwise([x.constant], x.constant.dims, x.constant.dtype, f);
    return out && [out];
  },
}));
const abs = activation("Abs", "|x|.", {
  quant: OWN,
  fold: () => ({ float: Math.abs, int: (x) => (x < 0n ? -x : x) }),
});
const sqrt = activation("Sqrt", "Square root.", { quant: OWN, fold: () => ({ float: Math.sqrt }) });
const reciprocal = activation("Reciprocal", "1 / x.", { fold: () => ({ float: (x) => 1 / x }) });
const floor = activation("Floor", "Largest integer not above x.", {
  fold: () => ({ float: Math.floor }),
});
const ceil = activation("Ceil", "Smallest integer not below x.", {
  fold: () => ({ float: Math.ceil }),
});
const round = activation("Round", "Nearest integer, halves to even.", {
  fold: () => ({ float: roundHalfEven }),
});
const sign = activation("Sign", "−1, 0 or 1.", {
  fold: () => ({ float: Math.sign, int: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n) }),
});
const exp = activation("Exp", "e to the power x.", { quant: OWN });
const log = activation("Log", "Natural logarithm.", { quant: OWN });
const erf = activation("Erf", "Gauss error function.", {
  quant: { inputs: ["activation"], output: [-1, 1] },
});
const sin = activation("Sin", "Sine.", { quant: { inputs: ["activation"], output: [-1, 1] } });
const cos = activation("Cos", "Cosine.", { quant: { inputs: ["activation"], output: [-1, 1] } });
const tan = activation("Tan", "Tangent.", {});
const asin = activation("Asin", "Inverse sine.", {});
const acos = activation("Acos", "Inverse cosine.", {});
const atan = activation("Atan", "Inverse tangent.", {});
const sinh = activation("Sinh", "Hyperbolic sine.", {});
const cosh = activation("Cosh", "Hyperbolic cosine.", {});
const asinh = activation("Asinh", "Inverse hyperbolic sine.", {});
const acosh = activation("Acosh", "Inverse hyperbolic cosine.", {});
const atanh = activation("Atanh", "Inverse hyperbolic tangent.", {});
const bitwiseNot = activation("BitwiseNot", "Bitwise complement.", {
  fold: () => ({ int: (x) => ~x }),
});

export const elementaryMathOps: readonly OpDefinition[] = [
  neg,
  abs,
  sqrt,
  reciprocal,
  floor,
  ceil,
  round,
  sign,
  exp,
  log,
  erf,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  asinh,
  acosh,
  atanh,
  bitwiseNot,
];
