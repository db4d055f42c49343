import type { Range } from "./range.ts";
import { BIN_COUNT, type Statistic } from "./statistic.ts";

/** Index of the bin [0, width). */
export const ZERO_BIN: number = BIN_COUNT / 2;

/** Bins [from, to) around the lower edge of ZERO_BIN: from ≤ ZERO_BIN ≤ to. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Width of one bin, in the data's unit. */
export function widthOf(statistic: Statistic): number {
  return 2 ** statistic.widthLog2;
}

/** The window's reals, no further out than the data (or zero) went. */
export function rangeOf(statistic: Statistic, window: Window): Range {
  const width = widthOf(statistic);
  return {
    low: Math.max((window.from - ZERO_BIN) * width, Math.min(statistic.min, 0)),
    high: Math.min((window.to - ZERO_BIN) * width, Math.max(statistic.max, 0)),
  };
}

/** The narrowest window that holds all counted bins. */
export function occupied(bins: Float64Array): Window {
  let from = 0;
  while (from < ZERO_BIN && bins[from] === 0) from++;
  let to = BIN_COUNT;
  while (to > ZERO_BIN && bins[to - 1] === 0) to--;
  return { from, to };
}

/**
 * The bins without the excess at zero. Rectifiers, padding and silence make exact zeros, which every scheme
 * represents exactly; counted, they would drown the shape of the rest (TensorRT's calibrator overwrites the bin of
 * zero with its neighbour for the same reason).
 */
export function withoutZeroSpike(bins: Float64Array): Float64Array {
  const out = bins.slice();
  const neighbour = Math.max(bins[ZERO_BIN - 1] ?? 0, bins[ZERO_BIN + 1] ?? 0);
  out[ZERO_BIN] = Math.min(bins[ZERO_BIN] ?? 0, neighbour);
  return out;
}

/** Counts of |x|: bin j holds the values whose magnitude lies between j and j+1 widths. */
export function folded(bins: Float64Array): Float64Array {
  const out = new Float64Array(ZERO_BIN);
  for (let j = 0; j < ZERO_BIN; j++) out[j] = (bins[ZERO_BIN + j] ?? 0) + (bins[ZERO_BIN - 1 - j] ?? 0);
  return out;
}
