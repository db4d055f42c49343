import type { Rounding } from "../../quant/scheme.ts";
import { emptyOf, numberRange, roundDouble } from "../kernel-context.ts";
import type { ProgramTensor } from "../program.ts";

/** Exact sums of products. */
export type Sums = Int32Array | Float64Array;

export interface RowRequantization {
  readonly outputs: number;
  /** One, or one per output. */
  readonly shifts: readonly number[];
  readonly relu: boolean;
  readonly record: Pick<ProgramTensor, "dtype">;
  readonly rounding: Rounding;
}

/**
 * saturate(round((sum + bias) / 2^shift)) of sums [rows, outputs], then max(·, 0) if `relu`. Exact: sums and biases are integers
 * below 2^51, and a power of two divides without error. At 8 bits sum + bias is one of 32, which wraps.
 */
export function requantizeRows(
  sums: Sums,
  bias: Float64Array | undefined,
  { outputs, shifts, relu, record, rounding }: RowRequantization,
): ReturnType<typeof emptyOf> {
  const starts = new Float64Array(outputs);
  if (bias) for (let o = 0; o < outputs; o++) starts[o] = bias[bias.length === 1 ? 0 : o] ?? 0;
  const scales = Float64Array.from({ length: outputs }, (_, o) => 2 ** -(shifts[o] ?? shifts[0] ?? 0));
  const range = numberRange(record.dtype);
  const low = relu ? Math.max(0, range.min) : range.min;
  const out = emptyOf(record.dtype, sums.length);
  const wrapped = record.dtype === "int8" ? wrappedTotals(sums, starts) : undefined;
  const into = { starts: wrapped ? new Float64Array(outputs) : starts, scales, low, high: range.max, out };
  if (rounding === "half-even") roundToEven(wrapped ?? sums, into);
  else roundOtherwise(wrapped ?? sums, into, roundDouble(rounding));
  return out;
}

/** With smaller biases the sums of up to 2^16 products of 8 bits stay within 32 bits. */
const MOST_SAFE_BIAS = 2 ** 30;

/**
 * Sums with their biases as the runtime's loops in C add them, where that may go beyond 32 bits. Whether the vector units do as much is
 * not documented. Source: esp-dl dl_base_activate_buffer.hpp.
 */
function wrappedTotals(sums: Sums, starts: Float64Array): Int32Array | undefined {
  if (starts.every((start) => Math.abs(start) < MOST_SAFE_BIAS)) return undefined;
  const outputs = starts.length;
  return Int32Array.from(sums, (sum, i) => (sum + (starts[i % outputs] as number)) | 0);
}

interface Into {
  readonly starts: Float64Array;
  readonly scales: Float64Array;
  readonly low: number;
  readonly high: number;
  readonly out: ReturnType<typeof emptyOf>;
}

/** 1.5·2^52, see roundHalfEven. */
const TO_INTEGER = 6755399441055744;

function roundToEven(sums: Sums, { starts, scales, low, high, out }: Into): void {
  const outputs = starts.length;
  for (let row = 0; row < sums.length; row += outputs)
    for (let o = 0; o < outputs; o++) {
      const y = ((sums[row + o] as number) + (starts[o] as number)) * (scales[o] as number);
      const q = y + TO_INTEGER - TO_INTEGER;
      out[row + o] = q < low ? low : q > high ? high : q;
    }
}

function roundOtherwise(
  sums: Sums,
  { starts, scales, low, high, out }: Into,
  round: (x: number) => number,
): void {
  const outputs = starts.length;
  for (let row = 0; row < sums.length; row += outputs)
    for (let o = 0; o < outputs; o++) {
      const q = round(((sums[row + o] as number) + (starts[o] as number)) * (scales[o] as number));
      out[row + o] = q < low ? low : q > high ? high : q;
    }
}
