import { log2 } from "../../base/elementary.ts";

/** Smallest scale that ESP-PPQ gives: an all-zero tensor gets exponent −26 by range. Source: core/common.py 11. */
const SMALLEST_SCALE = 1e-8;

/** Smallest integer e with 2^e ≥ x, exact for every positive double. */
export function ceilLog2(x: number): number {
  if (!(x > 0) || x === Number.POSITIVE_INFINITY) throw new RangeError(`no exponent for ${x}`);
  let e = 0;
  let power = 1;
  while (power < x) {
    power *= 2;
    e++;
  }
  while (power / 2 >= x) {
    power /= 2;
    e--;
  }
  return e;
}

/**
 * Exponent of a range by ESP-PPQ's min-max rule: ceil(log2(2·absmax / (qmax − qmin))), so that nothing clips but the last
 * half step. `low` and `high` are widened to include zero. Source: quantization/observer/range.py 33–90.
 */
export function exponentOfRange(low: number, high: number, bits: number): number {
  const reach = Math.max(Math.abs(Math.min(low, 0)), Math.abs(Math.max(high, 0)));
  return ceilLog2(Math.max((2 * reach) / (2 ** bits - 1), SMALLEST_SCALE));
}

/** Exponent nearest to a scale on the logarithmic axis, halves up: the rule of the KL method (range.py 306–317). */
export function nearestExponent(scale: number): number {
  return Math.floor(log2(Math.max(scale, SMALLEST_SCALE)) + 0.5);
}
