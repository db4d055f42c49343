import { occupied, widthOf, withoutZeroSpike, ZERO_BIN } from "./histogram.ts";
import { integerRange } from "./params.ts";
import type { Range } from "./range.ts";
import type { Scheme } from "./scheme.ts";
import { solveMinMax } from "./solve-minmax.ts";
import type { Statistic } from "./statistic.ts";

/** Steps of the grid between the whole range and none of it. */
const GRID = 128;
/** Narrowest candidate: a sixteenth of the data's range. */
const NARROWEST = GRID / 16;

/**
 * The range of least mean squared quantization error, by search over a grid: both ends shrunk in proportion, then
 * each end alone with the other held (symmetric schemes: the first only). The error of a candidate is integrated over
 * every bin with the data spread evenly inside it; exact zeros cost nothing. The widest of equal candidates wins.
 */
export function solveMse(statistic: Statistic, scheme: Scheme): Range {
  const seen = solveMinMax(statistic, scheme);
  if (statistic.count === 0) return seen;
  const bins = withoutZeroSpike(statistic.bins);
  const whole = { low: Math.min(seen.low, 0), high: Math.max(seen.high, 0) };
  const width = widthOf(statistic);
  // In units of one bin, so that ranges near the ends of float64 behave like any other.
  const error = squaredError(bins, scheme);
  let best = whole;
  let least = error(whole.low / width, whole.high / width);
  const consider = (low: number, high: number) => {
    const e = error(low / width, high / width);
    if (e < least) [best, least] = [{ low, high }, e];
  };
  for (let k = GRID - 1; k >= NARROWEST; k--) consider((whole.low * k) / GRID, (whole.high * k) / GRID);
  if (scheme.symmetric) return best;
  const { high } = best;
  for (let k = GRID; k >= 0; k--) consider((whole.low * k) / GRID, high);
  const { low } = best;
  for (let k = GRID; k >= 0; k--) consider(low, (whole.high * k) / GRID);
  return best;
}

/** Sum over the bins of the mean squared error of quantizing to [low, high]; all in bin widths. */
function squaredError(bins: Float64Array, scheme: Scheme): (low: number, high: number) => number {
  const { from, to } = occupied(bins);
  const { min, max } = integerRange(scheme);
  return (low, high) => {
    if (!(high > low)) return Number.POSITIVE_INFINITY;
    const step = scheme.symmetric ? high / max : (high - low) / (max - min);
    const zeroPoint = scheme.symmetric ? 0 : Math.round(min - low / step);
    const [bottom, top] = [(min - zeroPoint) * step, (max - zeroPoint) * step];
    let sum = 0;
    let before = errorIntegral(from - ZERO_BIN, step, bottom, top);
    for (let bin = from; bin < to; bin++) {
      const after = errorIntegral(bin + 1 - ZERO_BIN, step, bottom, top);
      sum += (bins[bin] as number) * (after - before);
      before = after;
    }
    return sum;
  };
}

/** ∫₀ˣ (t − quantized(t))² dt on the grid of multiples of `step` in [bottom, top]. */
function errorIntegral(x: number, step: number, bottom: number, top: number): number {
  const inside = x > top ? top : x < bottom ? bottom : x;
  const nearest = Math.round(inside / step);
  const rest = inside - nearest * step;
  const beyond = x - inside;
  return (nearest * step * step * step) / 12 + (rest * rest * rest + beyond * beyond * beyond) / 3;
}
