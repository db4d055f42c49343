import type { Statistic } from "./statistic.ts";

/** Share of a statistic's values in bins wholly outside [low, high]. */
export function clippedShare(statistic: Statistic, low: number, high: number): number {
  const unit = 2 ** statistic.widthLog2;
  const zero = statistic.bins.length / 2;
  let outside = 0;
  for (const [i, count] of statistic.bins.entries()) {
    const from = (i - zero) * unit;
    if (from + unit <= low || from > high) outside += count;
  }
  return statistic.count > 0 ? outside / statistic.count : 0;
}
