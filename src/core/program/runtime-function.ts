import { exp } from "../base/elementary.ts";
import { evaluator, type FloatFunction } from "./float-function.ts";

type Bind = (f: FloatFunction) => (x: number) => number;

const { fround } = Math;

/** expf, rounded correctly. */
const expf = (x: number): number => fround(exp(x));

/** The quotient is one of doubles: the constants of the source have no suffix. Source: esp-dl dl_math.hpp, `sigmoid`. */
const sigmoid = (x: number): number => fround(1 / (1 + expf(-x)));

const unit = (x: number): number => Math.min(1, Math.max(0, x));

/** Those of the runtime's functions that round more than their result. */
const STEPS: Readonly<Record<string, Bind>> = {
  Sigmoid: () => sigmoid,
  Tanh: () => (x) => fround(2 * sigmoid(fround(2 * x)) - 1),
  Swish: () => (x) => fround(sigmoid(x) * x),
  Elu: ({ alpha = 1 }) => {
    const slope = fround(alpha);
    return (x) => (x < 0 ? fround(slope * fround(expf(x) - 1)) : x);
  },
  LeakyRelu: ({ alpha = 0.01 }) => {
    const slope = fround(alpha);
    return (x) => (x < 0 ? fround(slope * x) : x);
  },
  // One rounding for product and sum: the chips' compilers fuse them.
  HardSigmoid: ({ alpha = 0.2, beta = 0.5 }) => {
    const [slope, offset] = [fround(alpha), fround(beta)];
    return (x) => unit(fround(slope * x + offset));
  },
  // In double, and with this sixth.
  HardSwish: () => (x) => fround(unit(0.166667 * x + 0.5) * x),
};

/**
 * The function as the runtime's kernels without a table compute it: of a float32, in float32 step by step.
 * Tables come from `evaluator`, which rounds once. Source: esp-dl dl_module_<function>.hpp, `forward_template`.
 */
export function runtimeFunction(f: FloatFunction): (x: number) => number {
  return STEPS[f.op]?.(f) ?? evaluator(f);
}
