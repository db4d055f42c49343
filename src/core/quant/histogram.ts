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

/** The window's reals: the extremes (or zero) where it reaches them, else `clippedAt` its ends. */
export function rangeOf(statistic: Statistic, window: Window): Range {
  return {
    low: -clippedAt(statistic, ZERO_BIN - window.from, Math.max(-statistic.min, 0)),
    high: clippedAt(statistic, window.to - ZERO_BIN, Math.max(statistic.max, 0)),
  };
}

/**
 * A bound that keeps `bins` bins on one side of zero: the extreme if they hold it, else a place inside the last of them
 * that depends on the data (RMS over magnitude). On bin edges, the scales of different values would stand in simple
 * ratios; sums of quantized values would then often lie exactly between two integers, where the runtime's float noise
 * decides, and streaming and offline could round apart.
 */
export function clippedAt(statistic: Statistic, bins: number, extreme: number): number {
  const width = widthOf(statistic);
  if (bins * width >= extreme) return extreme;
  const magnitude = Math.max(-statistic.min, statistic.max);
  const inside = Math.sqrt(statistic.sumSquares / statistic.count) / magnitude;
  return Math.max(0, (bins - 1 + inside) * width);
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
