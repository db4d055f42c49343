import { folded, widthOf, ZERO_BIN } from "./histogram.ts";
import type { Range } from "./range.ts";
import type { Scheme } from "./scheme.ts";
import { solveMinMax } from "./solve-minmax.ts";
import type { Statistic } from "./statistic.ts";

/** Fraction of the values that may be clipped: 99.99 % stay. ONNX Runtime's default is 99.999, ESP-PPQ's 99.99. */
const CLIPPED = 1e-4;

/**
 * Clips at most CLIPPED of the values: by magnitude if the scheme is symmetric, else half of them at each end (as ONNX
 * Runtime does). A cut falls on the outer edge of its bin, so the last kept value is inside; never beyond the extremes.
 */
export function solvePercentile(statistic: Statistic, scheme: Scheme): Range {
  const seen = solveMinMax(statistic, scheme);
  if (statistic.count === 0) return seen;
  const width = widthOf(statistic);
  if (scheme.symmetric) {
    const high = Math.min(seen.high, keptBins(folded(statistic.bins), CLIPPED * statistic.count) * width);
    return { low: -high, high };
  }
  const cut = (CLIPPED / 2) * statistic.count;
  const above = keptBins(statistic.bins, cut) - ZERO_BIN;
  const below = keptBins(statistic.bins.slice().reverse(), cut) - ZERO_BIN;
  return { low: Math.max(seen.low, -below * width), high: Math.min(seen.high, above * width) };
}

/** How many leading bins to keep so that the bins after them hold at most `cut` values. */
function keptBins(bins: Float64Array, cut: number): number {
  let dropped = 0;
  for (let i = bins.length; i > 0; i--) {
    dropped += bins[i - 1] ?? 0;
    if (dropped > cut) return i;
  }
  return 0;
}
