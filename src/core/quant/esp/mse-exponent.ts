import { exponentOfRange } from "./exponent.ts";
import type { MagnitudeHistogram } from "./magnitude-histogram.ts";

/** Bins of the MSE histogram, whatever the bit width. Source: esp-ppq core/common.py. */
export const MSE_BINS = 2048;

/**
 * Exponent by ESP-PPQ's MSE search. It takes the levels of a signed range for a histogram of magnitudes, so at 16 bits its only
 * candidate is 32 times the reach. Source: quantization/observer/range.py 456–576.
 */
export function mseExponent({ counts, reach }: MagnitudeHistogram, bits: number): number {
  const levels = 2 ** bits;
  const most = Math.floor(MSE_BINS / levels);
  const steps = [most + 1, ...Array.from({ length: most }, (_, i) => i + 1)];
  let [best, bestLoss] = [levels * (most + 1), Number.POSITIVE_INFINITY];
  for (const step of steps) {
    const end = levels * step;
    if (end > MSE_BINS + levels) break;
    const loss = lossOf(counts, step, end);
    if (loss < bestLoss) [best, bestLoss] = [end, loss];
  }
  const bound = (best * reach) / MSE_BINS;
  return exponentOfRange(-bound, bound, bits);
}

function lossOf(counts: Uint32Array, step: number, end: number): number {
  const total = counts.reduce((sum, c) => sum + c, 0);
  let loss = 0;
  for (const [i, count] of counts.entries()) {
    if (count === 0) continue;
    const left = i % step;
    const right = step - left - 1;
    const inside = left === right ? left + 0.25 : Math.min(left + 0.5, right + 0.5);
    const error = i > end ? i - end + 0.5 : inside;
    loss += (count * error * error) / total;
  }
  return loss;
}
