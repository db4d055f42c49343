import { layOut, memoryOf, simdKernels } from "../../base/simd/simd-kernels.ts";
import type { Range } from "../range.ts";

const SHARE = 0.9999;

/**
 * The order statistics between which ESP-PPQ's percentile observer keeps 99.99 % of one batch: both extremes up to 10,000
 * elements, one value fewer at each end per further 10,000. Source: quantization/observer/range.py 366–426.
 */
export function percentileRange(values: Float32Array): Range {
  const n = values.length;
  const lowRank = Math.max(0, Math.trunc(n * (1 - SHARE)));
  const highRank = Math.min(Math.trunc(n * SHARE), n - 1);
  if (lowRank === 0 && highRank === n - 1) return extremes(values);
  const sorted = Float32Array.from(values).sort();
  return { low: sorted[lowRank] ?? 0, high: sorted[highRank] ?? 0 };
}

/** Elements at a time in the vector kernels; below some, the plain loop is as fast. */
const CHUNK = 4096;
const WORTH_VECTORS = 64;
const { at: PLACES, end: END } = layOut([CHUNK * 4, 2 * 16]);
const [VALUES_AT = 0, FOUND_AT = 0] = PLACES;

/** Smallest and largest value; zero if there is none. */
export function extremes(values: Float32Array): Range {
  const start = values[0] ?? 0;
  const kernels = values.length >= WORTH_VECTORS ? simdKernels() : undefined;
  if (!kernels) return widened({ low: start, high: start }, values, 0);
  const { floats } = memoryOf(kernels, END);
  const found = FOUND_AT / 4;
  floats.fill(start, found, found + 8);
  const whole = values.length - (values.length % 4);
  for (let first = 0; first < whole; first += CHUNK) {
    const count = Math.min(CHUNK, whole - first);
    floats.set(values.subarray(first, first + count), VALUES_AT / 4);
    kernels.extremeFloats(VALUES_AT, count / 4, FOUND_AT);
  }
  const all = widened({ low: start, high: start }, floats.subarray(found, found + 8), 0);
  return widened(all, values, whole);
}

/** The range with the values from `first` on. */
function widened(range: Range, values: Float32Array, first: number): Range {
  let { low, high } = range;
  for (let i = first; i < values.length; i++) {
    const x = values[i] as number;
    if (x < low) low = x;
    if (x > high) high = x;
  }
  // Zero has one sign here.
  return { low: low + 0, high: high + 0 };
}
