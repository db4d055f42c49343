import type { ChipValueError } from "../../../engine/esp/chip-errors.ts";
import type { ChipMode, ChipReport } from "../../../engine/esp/examine-chip.ts";

/** One output as the twin computes it under one choice of exponents, against float. */
export interface ModeOutput {
  readonly sqnrDb: number;
  readonly maxAbs: number;
  /** Of the output's range. */
  readonly maxRelative: number;
  readonly exponent: number;
}

/** One output under both choices; undefined where one could not be made. */
export interface ModeRow {
  readonly output: string;
  readonly rill: ModeOutput | undefined;
  readonly espPpq: ModeOutput | undefined;
}

export function modeRows(report: ChipReport): readonly ModeRow[] {
  const under = (mode: ChipMode, output: string): ModeOutput | undefined => {
    const found = valuesOf(report, mode).find((v) => v.value === output);
    return found && { ...found.accumulated, exponent: found.exponent };
  };
  return report.outputs.map((output) => ({
    output,
    rill: under("rill", output),
    espPpq: under("esp-ppq", output),
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
