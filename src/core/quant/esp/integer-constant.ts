import { floats, sizeOf, type Tensor, tensorOf } from "../../ir/tensor.ts";
import type { Rounding } from "../scheme.ts";
import { integersOf } from "./number-format.ts";
import { quantizeToExponent, roundFloat32 } from "./rounding.ts";

/** How a constant becomes integers; see PlacedSlot. */
export interface ConstantFormat {
  readonly bits: number;
  readonly exponents: readonly number[];
  /** Axis along which the exponents differ; a vector of biases differs along its only one. */
  readonly channelAxis?: number;
  readonly rounding: Rounding;
}

export interface IntegerConstant {
  /** int8, int16, int32 or int64: the smallest that holds `bits`. */
  readonly tensor: Tensor;
  /** Elements that did not fit. */
  readonly saturated: number;
}

/**
 * clamp(round(x / 2^e)) of every element of a float32 constant. Values beyond the width saturate (the source wraps at 32 and
 * 64 bits, which no chip survives). Source: esp-ppq 1.3.5, quantization/qfunction/linear.py 287–320.
 */
export function integerConstant(tensor: Tensor, format: ConstantFormat): IntegerConstant {
  const values = floats(tensor);
  const range = integersOf(format.bits);
  const round = roundFloat32(format.rounding);
  const exponentAt = exponentsAlong(tensor.dims, format);
  const integers = new Float64Array(values.length);
  let saturated = 0;
  for (const [i, x] of values.entries()) {
    const exponent = exponentAt(i);
    const q = quantizeToExponent(x, exponent, range, round);
    if ((q === range.min || q === range.max) && round(x * 2 ** -exponent) !== q) saturated++;
    integers[i] = q;
  }
  return { tensor: tensorOf(storageOf(integers, format.bits), tensor.dims), saturated };
}

/** The float32 constant that the integers stand for. */
export function fakeQuantizedConstant(tensor: Tensor, format: ConstantFormat): Tensor {
  const values = floats(tensor);
  const range = integersOf(format.bits);
  const round = roundFloat32(format.rounding);
  const exponentAt = exponentsAlong(tensor.dims, format);
  return tensorOf(
    Float32Array.from(values, (x, i) => {
      const exponent = exponentAt(i);
      return quantizeToExponent(x, exponent, range, round) * 2 ** exponent;
    }),
    tensor.dims,
  );
}

function exponentsAlong(
  dims: readonly number[],
  { exponents, channelAxis }: ConstantFormat,
): (i: number) => number {
  const [first = 0] = exponents;
  if (exponents.length === 1) return () => first;
  const axis = channelAxis ?? dims.length - 1;
  const inner = sizeOf(dims.slice(axis + 1));
  const channels = dims[axis] ?? 1;
  return (i) => exponents[Math.floor(i / inner) % channels] ?? first;
}

function storageOf(
  integers: Float64Array,
  bits: number,
): Int8Array<ArrayBuffer> | Int16Array<ArrayBuffer> | Int32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer> {
  if (bits <= 8) return Int8Array.from(integers);
  if (bits <= 16) return Int16Array.from(integers);
  if (bits <= 32) return Int32Array.from(integers);
  // 2^63 − 1 is no double: the largest becomes 2^63, which wraps.
  return BigInt64Array.from(
    Array.from(integers, (q) => BigInt.asIntN(64, q >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(q))),
  );
}
