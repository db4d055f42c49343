import { log10 } from "../../base/elementary.ts";
import { nearestExponent } from "./exponent.ts";
import type { MagnitudeHistogram } from "./magnitude-histogram.ts";

/** Share of the lowest bins that the search ignores. Source: esp-ppq core/common.py, OBSERVER_KL_HIST_BINS_MANUL_OVERRIDE. */
const IGNORED_SHARE = 0.002;
const EPSILON = 1e-30;

/** Bins of the KL histogram for a bit width: 32 per quantization level of |x|. Source: EspdlQuantizer.py 30–32. */
export function klBins(bits: number): number {
  return 32 * 2 ** (bits - 1);
}

/**
 * Exponent by ESP-PPQ's KL search: of the thresholds k/32 of the reach, k = 1…32, the one whose quantized histogram
 * diverges least from the clipped one, the smallest k on equality; then the nearest power of two to threshold / 2^(bits−1).
 * The divergences are summed in float64 over bins divided in float32; torch sums in float32 in an order of its own, so two
 * thresholds that tie to the last bits may swap. Source: quantization/observer/range.py 171–346, measure/statistic.py 4–15.
 */
export function klExponent({ counts, reach }: MagnitudeHistogram, bits: number): number {
  return nearestExponent((klThreshold(counts, 2 ** (bits - 1)) * reach) / counts.length);
}

/** The winning k. */
export function klThreshold(counts: ArrayLike<number>, levels: number): number {
  const hist = Float64Array.from(counts);
  const ignored = Math.trunc(hist.length * IGNORED_SHARE);
  hist.fill(0, 0, ignored);
  hist[ignored] = 1;
  const occupied = occupiedBins(hist);
  const total = occupied.counts.reduce((sum, c) => sum + c, 0);
  const shares = Float64Array.from(occupied.counts, (c) => Math.fround(c / total));
  const logs = shares.map((p) => log10(p + EPSILON));
  let [best, bestDivergence] = [1, Number.POSITIVE_INFINITY];
  for (let k = 1; k * levels <= hist.length; k++) {
    const divergence = divergenceAt({ ...occupied, total, shares, logs }, k, levels);
    if (divergence < bestDivergence) [best, bestDivergence] = [k, divergence];
  }
  return best;
}

/** The bins that hold something, in rising order. */
interface Occupied {
  readonly bins: Int32Array;
  readonly counts: Float64Array;
}

interface Shares extends Occupied {
  readonly total: number;
  /** Each bin's share of the total, and its logarithm. */
  readonly shares: Float64Array;
  readonly logs: Float64Array;
}

function occupiedBins(hist: Float64Array): Occupied {
  const bins = Int32Array.from(hist.keys()).filter((i) => (hist[i] as number) > 0);
  return { bins, counts: Float64Array.from(bins, (i) => hist[i] as number) };
}

/**
 * Divergence when the first k·levels bins are kept and cut into `levels` groups of k: every occupied bin is held against the mean
 * over the occupied bins of its group. Only occupied bins contribute, and the last kept one, which takes what lies behind it.
 */
function divergenceAt({ bins, counts, total, shares, logs }: Shares, k: number, levels: number): number {
  const last = k * levels - 1;
  let inside = bins.length;
  let tail = 0;
  for (; inside > 0 && (bins[inside - 1] as number) > last; inside--) tail += counts[inside - 1] as number;
  const means = groupMeans(bins, counts, inside, k);
  let spread = 0;
  for (let n = 0; n < inside; n++) spread += means[n] as number;
  let divergence = 0;
  let [mean, meanLog] = [-1, 0];
  for (let n = 0; n < inside; n++) {
    const bin = bins[n] as number;
    // The bins of a group are neighbours and share their mean.
    if (means[n] !== mean) {
      mean = means[n] as number;
      meanLog = log10(Math.fround(mean / spread) + EPSILON);
    }
    if (bin === last) divergence += shareTerm(Math.fround(((counts[n] as number) + tail) / total), meanLog);
    else divergence += (shares[n] as number) * ((logs[n] as number) - meanLog);
  }
  if (inside === 0 || bins[inside - 1] !== last)
    divergence += shareTerm(Math.fround(tail / total), log10(EPSILON));
  return divergence;
}

function shareTerm(share: number, log: number): number {
  return share > 0 ? share * (log10(share + EPSILON) - log) : 0;
}

function groupMeans(bins: Int32Array, counts: Float64Array, inside: number, k: number): Float64Array {
  const means = new Float64Array(inside);
  for (let from = 0; from < inside; ) {
    const end = (Math.floor((bins[from] as number) / k) + 1) * k;
    let to = from;
    let sum = 0;
    for (; to < inside && (bins[to] as number) < end; to++) sum += counts[to] as number;
    means.fill(Math.fround(sum / (to - from)), from, to);
    from = to;
  }
  return means;
}
