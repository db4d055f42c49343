import type { ChipValueError } from "../../../engine/esp/chip-errors.ts";
import type { ChipMode, ChipReport } from "../../../engine/esp/examine-chip.ts";

/** SQNR of one output under both choices of exponents; NaN where one could not be made. */
export interface ModeRow {
  readonly output: string;
  readonly rillDb: number;
  readonly espPpqDb: number;
}

export function modeRows(report: ChipReport): readonly ModeRow[] {
  const db = (mode: ChipMode, output: string): number =>
    valuesOf(report, mode).find((v) => v.value === output)?.accumulated.sqnrDb ?? Number.NaN;
  return report.outputs.map((output) => ({
    output,
    rillDb: db("rill", output),
    espPpqDb: db("esp-ppq", output),
  }));
}

export interface ExponentMove {
  readonly value: string;
  readonly rill: ChipValueError;
  readonly other: ChipValueError;
}

/** Values whose exponents differ between the modes, in running order. */
export function exponentMoves(report: ChipReport): readonly ExponentMove[] {
  const others = new Map(valuesOf(report, "esp-ppq").map((v) => [v.value, v]));
  return valuesOf(report, "rill").flatMap((rill) => {
    const other = others.get(rill.value);
    return other && other.exponent !== rill.exponent ? [{ value: rill.value, rill, other }] : [];
  });
}

function valuesOf(report: ChipReport, mode: ChipMode): readonly ChipValueError[] {
  return report.modes.find((m) => m.mode === mode)?.values ?? [];
}
