import type { Dim } from "../ir/graph.ts";
import { activation } from "./activations.ts";
import { defineOp } from "./op.ts";
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

export const neg = defineOp("Neg", "−x.", () => ({
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
export const abs = activation("Abs", "|x|.", {
  quant: OWN,
  fold: () => ({ float: Math.abs, int: (x) => (x < 0n ? -x : x) }),
});
export const sqrt = activation("Sqrt", "Square root.", { quant: OWN, fold: () => ({ float: Math.sqrt }) });
export const reciprocal = activation("Reciprocal", "1 / x.", { fold: () => ({ float: (x) => 1 / x }) });
export const floor = activation("Floor", "Largest integer not above x.", {
  fold: () => ({ float: Math.floor }),
});
export const ceil = activation("Ceil", "Smallest integer not below x.", {
  fold: () => ({ float: Math.ceil }),
});
export const round = activation("Round", "Nearest integer, halves to even.", {
  fold: () => ({ float: roundHalfEven }),
});
export const sign = activation("Sign", "−1, 0 or 1.", {
  fold: () => ({ float: Math.sign, int: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n) }),
});
export const exp = activation("Exp", "e to the power x.", { quant: OWN });
export const log = activation("Log", "Natural logarithm.", { quant: OWN });
export const erf = activation("Erf", "Gauss error function.", {
  quant: { inputs: ["activation"], output: [-1, 1] },
});
export const sin = activation("Sin", "Sine.", { quant: { inputs: ["activation"], output: [-1, 1] } });
export const cos = activation("Cos", "Cosine.", { quant: { inputs: ["activation"], output: [-1, 1] } });
export const tan = activation("Tan", "Tangent.", {});
export const asin = activation("Asin", "Inverse sine.", {});
export const acos = activation("Acos", "Inverse cosine.", {});
export const atan = activation("Atan", "Inverse tangent.", {});
export const sinh = activation("Sinh", "Hyperbolic sine.", {});
export const cosh = activation("Cosh", "Hyperbolic cosine.", {});
export const asinh = activation("Asinh", "Inverse hyperbolic sine.", {});
export const acosh = activation("Acosh", "Inverse hyperbolic cosine.", {});
export const atanh = activation("Atanh", "Inverse hyperbolic tangent.", {});
export const bitwiseNot = activation("BitwiseNot", "Bitwise complement.", {
  fold: () => ({ int: (x) => ~x }),
});
