import { absMax, type Range } from "./range.ts";
import type { Scheme } from "./scheme.ts";
import type { Statistic } from "./statistic.ts";

/** Everything seen, nothing clipped. */
export function solveMinMax(statistic: Statistic, scheme: Scheme): Range {
  if (statistic.count === 0) return { low: 0, high: 0 };
  const range = { low: statistic.min, high: statistic.max };
  return scheme.symmetric ? { low: -absMax(range), high: absMax(range) } : range;
}
