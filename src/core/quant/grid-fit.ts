import { log10 } from "../base/elementary.ts";
import { widthOf, ZERO_BIN } from "./histogram.ts";
import { dtypeRange } from "./params.ts";
import { roundHalfEven } from "./round.ts";
import type { QuantParams } from "./scheme.ts";
import type { Statistic } from "./statistic.ts";

/** What a grid of integers makes of a distribution. Errors are those that its histogram lets one expect. */
export interface GridFit {
  /** The reals of the least and the greatest integer. */
  readonly low: number;
  readonly high: number;
  /** Between neighbouring reals. */
  readonly step: number;
  /** Share of the values that lie more than half a step beyond an end. */
  readonly clipped: number;
  /** Root mean square of what rounding loses, over the values that are not clipped; and of what clipping loses, over all. */
  readonly roundingRms: number;
  readonly clippingRms: number;
  /** Of this value alone: +Infinity when nothing is lost. */
  readonly sqnrDb: number;
  /** Integers between those of the least and the greatest value seen, of so many. */
  readonly used: number;
  readonly levels: number;
}

/** Expected error of a value with this distribution in integers with one scale and zero point. */
export function gridFit(
  statistic: Statistic,
  { dtype, scales: [scale = 1], zeroPoints: [zero = 0] }: QuantParams,
): GridFit {
  const { min, max } = dtypeRange(dtype);
  const [low, high] = [(min - zero) * scale, (max - zero) * scale];
  const { clipped, beyond, rounded } = lossOf(statistic, low, high, scale);
  const { count, sumSquares } = statistic;
  const rounding = (rounded * scale * scale) / 12;
  const integer = (x: number): number => Math.min(max, Math.max(min, roundHalfEven(x / scale) + zero));
  const lost = rounding + beyond;
  return {
    low,
    high,
    step: scale,
    clipped: count > 0 ? clipped / count : 0,
    roundingRms: rounded > 0 ? Math.sqrt(rounding / rounded) : 0,
    clippingRms: count > 0 ? Math.sqrt(beyond / count) : 0,
    sqnrDb: lost > 0 ? 10 * log10(sumSquares / lost) : Number.POSITIVE_INFINITY,
    used: count > 0 ? integer(statistic.max) - integer(statistic.min) + 1 : 0,
    levels: max - min + 1,
  };
}

/**
 * Values beyond the reach with their squared distance to it, and values that are rounded. Zeros in excess of their neighbours are
 * exact: rectifiers and padding make them.
 */
function lossOf(statistic: Statistic, low: number, high: number, step: number) {
  const { bins } = statistic;
  const width = widthOf(statistic);
  const neighbour = Math.max(bins[ZERO_BIN - 1] ?? 0, bins[ZERO_BIN + 1] ?? 0);
  const exact = Math.max(0, (bins[ZERO_BIN] ?? 0) - neighbour);
  let [clipped, beyond, rounded] = [0, 0, -exact];
  for (const [i, count] of bins.entries()) {
    if (count === 0) continue;
    const from = (i - ZERO_BIN) * width;
    // The extremes bound what the outermost bins hold.
    const x = Math.min(statistic.max, Math.max(statistic.min, from + width / 2));
    const distance = Math.max(x - high, low - x, 0);
    // Of a bin that holds an end, the histogram does not say on which side its values lie.
    const outside = from > high || from + width <= low;
    if (outside && distance > step / 2) {
      clipped += count;
      beyond += count * distance * distance;
    } else rounded += count;
  }
  return { clipped, beyond, rounded: Math.max(0, rounded) };
}
