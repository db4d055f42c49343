import { clippedShare } from "../../../core/quant/clipped-share.ts";
import { integersOf } from "../../../core/quant/esp/number-format.ts";
import type { Statistic, Statistics } from "../../../core/quant/statistic.ts";
import type { ChosenRange } from "../../../worker/protocol.ts";

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

/** The range that a value has on the chip where it is known, else the one that its method chooses for it alone. */
export function placedRange(
  chosen: ChosenRange,
  placed: { readonly exponent: number; readonly bits: number } | undefined,
  statistic: Statistic,
): ChosenRange {
  if (!placed || chosen.exponent === undefined) return chosen;
  const { min, max } = integersOf(placed.bits);
  const [low, high] = [min * 2 ** placed.exponent, max * 2 ** placed.exponent];
  return { low, high, exponent: placed.exponent, clipped: clippedShare(statistic, low, high) };
}
