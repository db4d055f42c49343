import type { CalibrationMethod, Scheme } from "../../../core/quant/scheme.ts";
import { solve } from "../../../core/quant/solvers.ts";
import type { Statistic, Statistics } from "../../../core/quant/statistic.ts";

export interface StatisticRow {
  readonly value: string;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly rms: number;
  readonly count: number;
  readonly nonFinite: number;
  readonly statistic: Statistic;
}

export function statisticRows(statistics: Statistics): readonly StatisticRow[] {
  return [...statistics].map(([value, s]) => ({
    value,
    min: s.min,
    max: s.max,
    mean: s.count > 0 ? s.sum / s.count : 0,
    rms: s.count > 0 ? Math.sqrt(s.sumSquares / s.count) : 0,
    count: s.count,
    nonFinite: s.nonFinite,
    statistic: s,
  }));
}

/** The range that a method keeps of one value, and the share of the values in bins wholly outside. */
export function chosenRange(statistic: Statistic, scheme: Scheme, method: CalibrationMethod) {
  const range = solve(statistic, scheme, method);
  const unit = 2 ** statistic.widthLog2;
  const zero = statistic.bins.length / 2;
  let outside = 0;
  for (const [i, count] of statistic.bins.entries()) {
    const from = (i - zero) * unit;
    if (from + unit <= range.low || from > range.high) outside += count;
  }
  return { ...range, clipped: statistic.count > 0 ? outside / statistic.count : 0 };
}
