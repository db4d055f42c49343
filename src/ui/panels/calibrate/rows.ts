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

/** Share of the SRAM beyond which little is left for stacks, drivers and the program itself. */
const TIGHT = 0.6;

export const VERDICT_TONES = { fits: "ok", tight: "warn", psram: "warn", tooMuch: "bad" } as const;

/** Whether so many bytes go into a chip's RAM. */
export function ramVerdict(
  bytes: number,
  { sramBytes, psram }: { readonly sramBytes: number; readonly psram: boolean },
): "fits" | "tight" | "psram" | "tooMuch" {
  if (bytes > sramBytes) return psram ? "psram" : "tooMuch";
  return bytes > TIGHT * sramBytes ? "tight" : "fits";
}
