import { divergenceOf } from "./divergence.ts";
import {
  clippedAt,
  folded,
  occupied,
  rangeOf,
  type Window,
  withoutZeroSpike,
  ZERO_BIN,
} from "./histogram.ts";
import { absMax, type Range } from "./range.ts";
import type { Scheme } from "./scheme.ts";
import { solveMinMax } from "./solve-minmax.ts";
import type { Statistic } from "./statistic.ts";

/**
 * The range whose quantized distribution diverges least from the data's, after TensorRT's published algorithm
 * ("8-bit inference with TensorRT", 2017) in the spelling of ModelOpt's histogram calibrator: the spike of exact
 * zeros is taken off, and the widest of equal candidates wins. `divergenceOf` defines the measure.
 *
 * Symmetric schemes search |x| with 2^(bits−1) levels. Asymmetric schemes, which TensorRT does not have, search
 * windows that contain zero with 2^bits levels: both ends shrunk in proportion, then each end alone with the other
 * held. Windows narrower than the levels say nothing, so with more levels than bins the answer is min-max.
 */
export function solveKl(statistic: Statistic, scheme: Scheme): Range {
  const seen = solveMinMax(statistic, scheme);
  if (statistic.count === 0) return seen;
  const bins = withoutZeroSpike(statistic.bins);
  const widest = occupied(statistic.bins);
  if (scheme.symmetric) {
    const high = clippedAt(statistic, bestMagnitude(bins, widest, 2 ** (scheme.bits - 1)), absMax(seen));
    return { low: -high, high };
  }
  return rangeOf(statistic, bestWindow(bins, widest, 2 ** scheme.bits));
}

function bestMagnitude(bins: Float64Array, widest: Window, levels: number): number {
  const divergence = divergenceOf(folded(bins), levels);
  let best = Math.max(ZERO_BIN - widest.from, widest.to - ZERO_BIN);
  let least = divergence(0, best);
  for (let to = best - 1; to >= levels; to--) {
    const d = divergence(0, to);
    if (d < least) [best, least] = [to, d];
  }
  return best;
}

function bestWindow(bins: Float64Array, widest: Window, levels: number): Window {
  const divergence = divergenceOf(bins, levels);
  let best = widest;
  let least = divergence(widest.from, widest.to);
  const consider = (from: number, to: number) => {
    if (to - from < levels) return;
    const d = divergence(from, to);
    if (d < least) [best, least] = [{ from, to }, d];
  };
  const [below, above] = [ZERO_BIN - widest.from, widest.to - ZERO_BIN];
  const longer = Math.max(below, above);
  for (let k = longer - 1; k > 0; k--) {
    consider(ZERO_BIN - Math.ceil((below * k) / longer), ZERO_BIN + Math.ceil((above * k) / longer));
  }
  const { to } = best;
  for (let from = widest.from; from <= ZERO_BIN; from++) consider(from, to);
  const { from } = best;
  for (let end = widest.to; end >= ZERO_BIN; end--) consider(from, end);
  return best;
}
