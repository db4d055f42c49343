import { integersOf } from "../quant/esp/number-format.ts";
import { quantizeToExponent, roundFloat32 } from "../quant/esp/rounding.ts";
import type { Rounding } from "../quant/scheme.ts";
import { evaluator, type FloatFunction } from "./float-function.ts";

export interface TableFormat {
  readonly inputExponent: number;
  readonly outputExponent: number;
  readonly rounding: Rounding;
}

/** Distance between the entries of a 16-bit table. Source: esp-ppq 1.3.12, `int16_lut_step`. */
export const INT16_TABLE_STEP = 32;
/** The same in esp-ppq 1.3.5, whose numbers the compatible mode repeats. */
export const GOLDEN_TABLE_STEP = 256;

/**
 * f at every int8 input, quantized: entry 0 belongs to −128. Source: esp-ppq 1.3.5, parser/espdl/export_patterns.py 645–707.
 */
export function int8Table(f: FloatFunction, format: TableFormat): Int8Array {
  const at = entryOf(f, format, 8);
  return Int8Array.from({ length: 256 }, (_, i) => at(i - 128));
}

/** f at every `step`-th int16 input, both ends included: 65536 / step + 1 entries, the first for −32768. */
export function int16Table(f: FloatFunction, format: TableFormat, step: number): Int16Array {
  const at = entryOf(f, format, 16);
  return Int16Array.from({ length: 65536 / step + 1 }, (_, i) => at(i * step - 32768));
}

function entryOf(f: FloatFunction, format: TableFormat, bits: number): (q: number) => number {
  const evaluate = evaluator(f);
  const round = roundFloat32(format.rounding);
  const range = integersOf(bits);
  const scale = 2 ** format.inputExponent;
  return (q) => quantizeToExponent(evaluate(q * scale), format.outputExponent, range, round);
}
