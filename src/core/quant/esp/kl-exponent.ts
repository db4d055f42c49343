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
  const total = hist.reduce((sum, c) => sum + c, 0);
  const occupied = occupiedBins(hist);
  let [best, bestDivergence] = [1, Number.POSITIVE_INFINITY];
  for (let k = 1; k * levels <= hist.length; k++) {
    const divergence = divergenceAt(hist, occupied, total, k, levels);
    if (divergence < bestDivergence) [best, bestDivergence] = [k, divergence];
  }
  return best;
}

function occupiedBins(hist: Float64Array): Int32Array {
  const bins: number[] = [];
  for (const [i, c] of hist.entries()) if (c > 0) bins.push(i);
  return Int32Array.from(bins);
}

/** Divergence when the first k·levels bins are kept and cut into `levels` groups of k. Only occupied bins contribute. */
function divergenceAt(
  hist: Float64Array,
  occupied: Int32Array,
  total: number,
  k: number,
  levels: number,
): number {
  const kept = k * levels;
  const last = kept - 1;
  let tail = 0;
  const inside: number[] = [];
  for (const i of occupied) {
    if (i < kept) inside.push(i);
    else tail += hist[i] ?? 0;
  }
  const spread = spreadOver(hist, inside, k);
  const spreadTotal = spread.reduce((sum, v) => sum + v, 0);
  let divergence = 0;
  const term = (p: number, q: number): void => {
    if (p > 0) divergence += p * (log10(p + EPSILON) - log10(q + EPSILON));
  };
  for (const [n, i] of inside.entries()) {
    const count = (hist[i] ?? 0) + (i === last ? tail : 0);
    term(Math.fround(count / total), Math.fround((spread[n] ?? 0) / spreadTotal));
  }
  if ((hist[last] ?? 0) === 0) term(Math.fround(tail / total), 0);
  return divergence;
}

/** Every occupied bin replaced by the mean over the occupied bins of its group. */
function spreadOver(hist: Float64Array, inside: readonly number[], k: number): Float64Array {
  const spread = new Float64Array(inside.length);
  for (let from = 0; from < inside.length; ) {
    const group = Math.floor((inside[from] ?? 0) / k);
    let to = from;
    let sum = 0;
    for (; to < inside.length && Math.floor((inside[to] ?? 0) / k) === group; to++)
      sum += hist[inside[to] ?? 0] ?? 0;
    spread.fill(Math.fround(sum / (to - from)), from, to);
    from = to;
  }
  return spread;
}
