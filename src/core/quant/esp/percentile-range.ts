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

/** Smallest and largest value; zero if there is none. */
export function extremes(values: Float32Array): Range {
  let [low, high] = [values[0] ?? 0, values[0] ?? 0];
  for (let i = 0; i < values.length; i++) {
    const x = values[i] as number;
    if (x < low) low = x;
    if (x > high) high = x;
  }
  return { low, high };
}
