import { cos, exp, log, sin } from "../base/elementary.ts";
import type { AttributeReader } from "../ir/attributes.ts";
import { roundHalfEven } from "../quant/round.ts";

/** A scalar function of float32 with its parameters; evaluated in double, rounded once. */
export interface FloatFunction {
  readonly op: string;
  readonly alpha?: number;
  readonly beta?: number;
  readonly gamma?: number;
  readonly low?: number;
  readonly high?: number;
  /** How a Gelu is computed; absent: by the error function. */
  readonly approximate?: "tanh";
}

type Bind = (f: FloatFunction) => (x: number) => number;

const sigmoid = (x: number): number => (x < -700 ? 0 : 1 / (1 + exp(-x)));

/** tanh from exp, without cancellation near zero. */
function tanh(x: number): number {
  const a = Math.abs(x);
  if (a > 20) return Math.sign(x);
  if (a < 1e-4) return x - (x * x * x) / 3;
  const e = exp(2 * a);
  return (Math.sign(x) * (e - 1)) / (e + 1);
}

const clamp = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x));

const FUNCTIONS: Readonly<Record<string, Bind>> = {
  Sigmoid: () => sigmoid,
  Tanh: () => tanh,
  Swish: () => (x) => x * sigmoid(x),
  Relu: () => (x) => Math.max(x, 0),
  LeakyRelu:
    ({ alpha = 0.01 }) =>
    (x) =>
      x < 0 ? alpha * x : x,
  PRelu:
    ({ alpha = 0 }) =>
    (x) =>
      x < 0 ? alpha * x : x,
  Elu:
    ({ alpha = 1 }) =>
    (x) =>
      x < 0 ? alpha * (exp(x) - 1) : x,
  HardSigmoid:
    ({ alpha = 0.2, beta = 0.5 }) =>
    (x) =>
      clamp(alpha * x + beta, 0, 1),
  HardSwish: () => (x) => (x * clamp(x + 3, 0, 6)) / 6,
  Clip:
    ({ low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY }) =>
    (x) =>
      clamp(x, low, high),
  Gelu: ({ approximate }) =>
    approximate
      ? (x) => 0.5 * x * (1 + tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))
      : (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
  Exp: () => exp,
  Log: () => log,
  Sqrt: () => Math.sqrt,
  Neg: () => (x) => -x,
  Abs: () => Math.abs,
  Floor: () => Math.floor,
  Ceil: () => Math.ceil,
  Round: () => roundHalfEven,
  Sign: () => Math.sign,
  Reciprocal: () => (x) => 1 / x,
  Erf: () => erf,
  Softplus: () => softplus,
  Softsign: () => (x) => x / (1 + Math.abs(x)),
  Mish: () => (x) => x * tanh(softplus(x)),
  Selu:
    ({ alpha = 1.6732632423543772, gamma = 1.0507009873554805 }) =>
    (x) =>
      gamma * (x > 0 ? x : alpha * (exp(x) - 1)),
  Celu:
    ({ alpha = 1 }) =>
    (x) =>
      Math.max(0, x) + Math.min(0, alpha * (exp(x / alpha) - 1)),
  ThresholdedRelu:
    ({ alpha = 1 }) =>
    (x) =>
      x > alpha ? x : 0,
  Sin: () => sin,
  Cos: () => cos,
  Tan: () => (x) => sin(x) / cos(x),
};

/** log(1 + e^x), without overflow. */
function softplus(x: number): number {
  return x > 40 ? x : Math.max(x, 0) + log(1 + exp(-Math.abs(x)));
}

/**
 * Gauss error function: the series 2/√π · e^(−x²) · Σ 2^n x^(2n+1) / (2n+1)!! up to |x| = 3, beyond it the continued fraction of
 * erfc; both to about 1e-15 (Abramowitz and Stegun 7.1.6 and 7.1.14).
 */
function erf(x: number): number {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  const envelope = exp(-a * a) / Math.sqrt(Math.PI);
  if (a < 3) {
    let [term, sum] = [a, a];
    for (let n = 1; term > 1e-17 * sum; n++) {
      term *= (2 * a * a) / (2 * n + 1);
      sum += term;
    }
    return Math.sign(x) * 2 * envelope * sum;
  }
  let tail = 0;
  for (let n = 60; n > 0; n--) tail = n / 2 / (a + tail);
  return Math.sign(x) * (1 - envelope / (a + tail));
}

/** True if the function is one that tables and float kernels know. */
export function isFloatFunction(op: string): boolean {
  return op in FUNCTIONS;
}

/** The function of a node of the ESP-DL dialect. */
export function floatFunction(op: string, attributes: AttributeReader): FloatFunction {
  const [alpha, beta, gamma] = ["alpha", "beta", "gamma"].map((name) => attributes.optionalFloat(name));
  const approximate = op === "Gelu" && attributes.string("approximate", "none") === "tanh";
  return {
    op,
    ...(alpha !== undefined && { alpha }),
    ...(beta !== undefined && { beta }),
    ...(gamma !== undefined && { gamma }),
    ...(approximate && { approximate: "tanh" as const }),
  };
}

/** The function on numbers, its result rounded to float32. */
export function evaluator(f: FloatFunction): (x: number) => number {
  const bind = FUNCTIONS[f.op];
  if (!bind) throw new Error(`no function ${f.op}`);
  const g = bind(f);
  return (x) => Math.fround(g(x));
}
