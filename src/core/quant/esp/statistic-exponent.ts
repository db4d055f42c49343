import { widthOf, ZERO_BIN } from "../histogram.ts";
import { absMax } from "../range.ts";
import type { CalibrationMethod, Scheme } from "../scheme.ts";
import { solve } from "../solvers.ts";
import type { Statistic } from "../statistic.ts";
import { exponentOfRange, nearestExponent } from "./exponent.ts";
import { integersOf } from "./number-format.ts";

/** Exponents tried below the one that clips nothing: each halves the step and the reach. */
const MOST_CLIPPED = 6;

/**
 * Exponent of a value from its statistic. MSE compares the exponents that can be written, by the error that each would make: clipping
 * beyond its reach, a uniform rounding error within. The other methods choose a range and take the exponent that holds it (KL: the
 * nearest one).
 */
export function statisticExponent(statistic: Statistic, bits: 8 | 16, method: CalibrationMethod): number {
  const covering = exponentOfRange(statistic.min, statistic.max, bits);
  if (statistic.count === 0) return covering;
  if (method === "minmax") return covering;
  if (method === "mse") return leastError(statistic, bits, covering);
  const scheme: Scheme = {
    bits,
    symmetric: true,
    granularity: "tensor",
    scale: "pow2",
    rounding: "half-even",
    narrow: false,
  };
  const range = solve(statistic, scheme, method);
  if (method === "percentile") return exponentOfRange(range.low, range.high, bits);
  return Math.min(covering, nearestExponent(absMax(range) / 2 ** (bits - 1)));
}

function leastError(statistic: Statistic, bits: number, covering: number): number {
  let [best, least] = [covering, Number.POSITIVE_INFINITY];
  for (let e = covering; e >= covering - MOST_CLIPPED; e--) {
    const error = squaredErrorAt(statistic, e, bits);
    if (error < least) [best, least] = [e, error];
  }
  return best;
}

/** Expected squared error of one element, from bin centres. */
export function squaredErrorAt(statistic: Statistic, exponent: number, bits: number): number {
  const { min, max } = integersOf(bits);
  const step = 2 ** exponent;
  const width = widthOf(statistic);
  const rounding = (step * step) / 12;
  let error = 0;
  for (const [i, count] of statistic.bins.entries()) {
    if (count === 0) continue;
    const x = (i - ZERO_BIN + 0.5) * width;
    const beyond = Math.max(x - max * step, min * step - x, 0);
    error += count * (beyond > step / 2 ? beyond * beyond : rounding);
  }
  return error / statistic.count;
}
