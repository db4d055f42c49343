import { clippedAt, folded, rangeOf, ZERO_BIN } from "./histogram.ts";
import type { Range } from "./range.ts";
import type { Scheme } from "./scheme.ts";
import { solveMinMax } from "./solve-minmax.ts";
import type { Statistic } from "./statistic.ts";

/** Fraction of the values that may be clipped: 99.99 % stay. ONNX Runtime's default is 99.999, ESP-PPQ's 99.99. */
const CLIPPED = 1e-4;

/**
 * Clips about CLIPPED of the values: by magnitude if the scheme is symmetric, else half of them at each end (as ONNX
 * Runtime does). The bins beyond a cut hold no more than its share; the cut falls inside the last bin kept.
 */
export function solvePercentile(statistic: Statistic, scheme: Scheme): Range {
  const seen = solveMinMax(statistic, scheme);
  if (statistic.count === 0) return seen;
  if (scheme.symmetric) {
    const high = clippedAt(statistic, keptBins(folded(statistic.bins), CLIPPED * statistic.count), seen.high);
    return { low: -high, high };
  }
  const cut = (CLIPPED / 2) * statistic.count;
  const to = keptBins(statistic.bins, cut);
  const from = statistic.bins.length - keptBins(statistic.bins.slice().reverse(), cut);
  return rangeOf(statistic, { from: Math.min(from, ZERO_BIN), to: Math.max(to, ZERO_BIN) });
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
