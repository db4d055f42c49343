import type { ValueSummary } from "../../../engine/reports.ts";
import type { Text } from "../../i18n/text.ts";
import { shortReal } from "../../widgets/numbers.ts";

type Row = readonly [name: string, value: string];

/** Integers with the range that they hold. */
const RANGES: Readonly<Record<string, readonly [min: number, max: number]>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
};

/** How an opened file of integers stores a value: exponent or scale and zero point, step, reach. Nothing for float values. */
export function storedRows({ dtype, exponents, grid }: ValueSummary, { t }: Text): readonly Row[] {
  if (exponents && dtype && RANGES[dtype]) {
    const scales = exponents.map((e) => 2 ** e);
    return [
      [t("distribution.exponent"), span(exponents)],
      ...reachRows([Math.min(...scales), Math.max(...scales)], [0, 0], dtype, t),
    ];
  }
  if (!grid) return [];
  const { scales, zeroPoints, channels } = grid;
  const several = channels > 1 ? ` (${t("tensor.channels", { n: channels })})` : "";
  return [
    [t("distribution.scale"), `${span(scales)} · ${span(zeroPoints)} · ${grid.dtype}${several}`],
    ...reachRows(scales, zeroPoints, grid.dtype, t),
  ];
}

/** Of one scale; several have their table. */
function reachRows(
  [least, greatest]: readonly [number, number],
  [zero]: readonly [number, number],
  dtype: string,
  t: Text["t"],
): readonly Row[] {
  const range = RANGES[dtype];
  if (!range || least !== greatest) return [];
  const [low, high] = range.map((q) => (q - zero) * least);
  return [
    [t("distribution.stepSize"), shortReal(least)],
    [t("distribution.reach"), `${shortReal(low ?? 0)} … ${shortReal(high ?? 0)}`],
  ];
}

/** `−5`, `0.01 … 0.3`. */
function span(all: readonly number[]): string {
  const [low, high] = [Math.min(...all), Math.max(...all)];
  return low === high ? shortReal(low) : `${shortReal(low)} … ${shortReal(high)}`;
}
