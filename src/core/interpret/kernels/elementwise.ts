import { sizeOf, type Tensor } from "../../ir/tensor.ts";
import { broadcastIndex, broadcastPair } from "../../ops/rules/broadcast.ts";
import { doubles, doubleTensor, mapped } from "../doubles.ts";
import { standIn, sumOf } from "../exact.ts";
import { type Kernel, needed } from "../kernel.ts";

function unary(f: (x: number) => number): Kernel {
  return ([x]) => (x?.dtype === "float64" ? [mapped(x, f)] : undefined);
}

/** Functions that are zero at zero keep that: a history of zeros stays one. */
const ZERO_AT_ZERO = [
  "Tanh",
  "Erf",
  "Sin",
  "Tan",
  "Asin",
  "Atan",
  "Sinh",
  "Asinh",
  "Atanh",
  "Elu",
  "Selu",
  "Celu",
  "Gelu",
  "HardSwish",
  "Softsign",
  "Mish",
  "Swish",
  "Shrink",
  "ThresholdedRelu",
] as const;
const OTHERS = ["Sigmoid", "HardSigmoid", "Softplus", "Exp", "Log", "Cos", "Acos", "Cosh", "Acosh"] as const;

function binary(f: (a: number, b: number) => number): Kernel {
  return (inputs) => {
    const [first, ...rest] = inputs.map(needed);
    if (inputs.some((t) => t?.dtype !== "float64")) return undefined;
    return [rest.reduce((a, b) => combined(a, b, f), needed(first))];
  };
}

function combined(a: Tensor, b: Tensor, f: (a: number, b: number) => number): Tensor {
  const [x, y] = [doubles(a), doubles(b)];
  const dims = broadcastPair(a.dims, b.dims).map(Number);
  const size = sizeOf(dims);
  const out = new Float64Array(size);
  if (x.length === size && y.length === 1) {
    const scalar = y[0] as number;
    for (let i = 0; i < size; i++) out[i] = f(x[i] as number, scalar);
  } else if (x.length === size && y.length === size) {
    for (let i = 0; i < size; i++) out[i] = f(x[i] as number, y[i] as number);
  } else {
    const [xAt, yAt] = [broadcastIndex(a.dims, dims), broadcastIndex(b.dims, dims)];
    for (let i = 0; i < size; i++) out[i] = f(x[xAt(i)] as number, y[yAt(i)] as number);
  }
  return doubleTensor(out, dims);
}

const powerOther = standIn("Pow", true);

function power(x: number, y: number): number {
  if (y === 2) return x * x;
  if (y === 3) return x * x * x;
  if (y === 1) return x;
  return powerOther(x) + y;
}

/** Division by zero, which real weights do not meet, must not make NaN. */
const quotient = (a: number, b: number): number => (b === 0 ? a : a / b);

const largest = (a: number, b: number): number => (Number.isNaN(a) || a >= b ? a : b);
const smallest = (a: number, b: number): number => (Number.isNaN(a) || a <= b ? a : b);

const leakyRelu: Kernel = ([x], attributes) => {
  const alpha = attributes.float("alpha", 0.01);
  return [mapped(needed(x), (v) => (v >= 0 || Number.isNaN(v) ? v : alpha * v))];
};

/** Only truth values choose: what is not chosen may be NaN. */
const where: Kernel = (inputs) => {
  const [condition, yes, no] = inputs.map(needed);
  if (condition?.dtype !== "bool" || yes?.dtype !== "float64" || no?.dtype !== "float64") return undefined;
  const dims = broadcastPair(broadcastPair(condition.dims, yes.dims), no.dims).map(Number);
  const at = [condition, yes, no].map((t) => broadcastIndex(t.dims, dims));
  const [c, y, n] = [condition.bytes, doubles(yes), doubles(no)];
  const out = new Float64Array(sizeOf(dims));
  for (let i = 0; i < out.length; i++)
    out[i] = (c[at[0]?.(i) ?? 0] !== 0 ? y[at[1]?.(i) ?? 0] : n[at[2]?.(i) ?? 0]) as number;
  return [doubleTensor(out, dims)];
};

export const elementwiseKernels: Readonly<Record<string, Kernel>> = {
  ...Object.fromEntries(ZERO_AT_ZERO.map((op) => [op, unary(standIn(op, true))])),
  ...Object.fromEntries(OTHERS.map((op) => [op, unary(standIn(op, false))])),
  Relu: unary((x) => (x > 0 || Number.isNaN(x) ? x : 0)),
  Sqrt: unary((x) => Math.sqrt(Math.abs(x))),
  Reciprocal: unary((x) => quotient(1, x)),
  Identity: ([x]) => [needed(x)],
  Dropout: ([x]) => [needed(x)],
  LeakyRelu: leakyRelu,
  PRelu: binary((x, slope) => (x >= 0 || Number.isNaN(x) ? x : slope * x)),
  Add: binary(sumOf),
  Sub: binary((a, b) => sumOf(a, -b)),
  Mul: binary((a, b) => a * b),
  Div: binary(quotient),
  Pow: binary(power),
  // Scaled alike on both sides, a mean is a sum.
  Mean: binary(sumOf),
  Sum: binary(sumOf),
  Max: binary(largest),
  Min: binary(smallest),
  Mod: binary((a, b) => (b === 0 ? a : a % b)),
  Where: where,
};
