import { byteLength, type DType, elements, sizeOf, type Tensor } from "../../ir/tensor.ts";
import { broadcastOffsets, stridesOf } from "./broadcast.ts";
import { isInteger } from "./operand.ts";

/** What an elementwise fold computes: on JavaScript numbers for float32/float64, on BigInt for integers and bool. */
export interface ScalarFunction {
  readonly float?: (...x: number[]) => number;
  readonly int?: (...x: bigint[]) => bigint;
}

const SIGNED_BITS: Partial<Record<DType, number>> = { int8: 8, int16: 16, int32: 32, int64: 64 };
const UNSIGNED_BITS: Partial<Record<DType, number>> = {
  uint8: 8,
  uint16: 16,
  uint32: 32,
  uint64: 64,
  bool: 8,
};

/** Wraps to the width of an integer dtype, as two's complement arithmetic does. */
export function wrapInteger(dtype: DType, value: bigint): bigint {
  const signed = SIGNED_BITS[dtype];
  if (signed !== undefined) return BigInt.asIntN(signed, value);
  return BigInt.asUintN(UNSIGNED_BITS[dtype] ?? 64, value);
}

export function emptyTensor(dtype: DType, dims: readonly number[]): Tensor {
  return { dtype, dims, bytes: new Uint8Array(byteLength(dtype, sizeOf(dims))) };
}

/** Writes one element; integers wrap, float32 rounds to nearest even. */
export function writer(t: Tensor): (i: number, value: number | bigint) => void {
  const data = elements(t);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return (i, v) => {
      data[i] = wrapInteger(t.dtype, BigInt(v));
    };
  }
  return (i, v) => {
    data[i] = Number(v);
  };
}

/**
 * Broadcasts the inputs and applies `f` element by element. A single +, −, ×, ÷ or √ in double rounds to the float32
 * result, because 53 ≥ 2·24+2 bits. Undefined for dtypes that have no function.
 */
export function foldElementwise(
  inputs: readonly Tensor[],
  dims: readonly number[],
  outDtype: DType,
  f: ScalarFunction,
): Tensor | undefined {
  const dtype = inputs[0]?.dtype;
  if (dtype === undefined || dtype === "string" || inputs.some((t) => t.dtype !== dtype)) return undefined;
  const out = emptyTensor(outDtype, dims);
  const write = writer(out);
  const count = sizeOf(dims);
  const offsets = inputs.map((t) => broadcastOffsets(t.dims, dims));
  const data = inputs.map(elements);
  const at = (k: number, i: number): number => offsets[k]?.[i] ?? i;
  if ((dtype === "float32" || dtype === "float64") && f.float) {
    for (let i = 0; i < count; i++) write(i, f.float(...data.map((d, k) => Number(d[at(k, i)] ?? 0))));
    return out;
  }
  if ((isInteger(dtype) || dtype === "bool") && f.int) {
    for (let i = 0; i < count; i++) {
      const value = f.int(...data.map((d, k) => BigInt(d[at(k, i)] ?? 0)));
      write(i, isInteger(outDtype) ? wrapInteger(outDtype, value) : value);
    }
    return out;
  }
  return undefined;
}

/** A tensor whose element i is element `from(i)` of the source. Undefined for strings and sub-byte dtypes. */
export function moveElements(
  source: Tensor,
  dims: readonly number[],
  from: (flat: number) => number,
): Tensor | undefined {
  const width = byteLength(source.dtype, 2) / 2;
  if (source.dtype === "string" || width < 1) return undefined;
  const out = emptyTensor(source.dtype, dims);
  const n = sizeOf(dims);
  for (let i = 0; i < n; i++) {
    const at = from(i) * width;
    for (let b = 0; b < width; b++) out.bytes[i * width + b] = source.bytes[at + b] ?? 0;
  }
  return out;
}

/** Coordinates of a flat index. */
export function coordinates(flat: number, dims: readonly number[]): number[] {
  const out = new Array<number>(dims.length).fill(0);
  let rest = flat;
  stridesOf(dims).forEach((stride, i) => {
    out[i] = Math.floor(rest / stride);
    rest -= (out[i] ?? 0) * stride;
  });
  return out;
}

/** Flat index of coordinates. */
export function flatIndex(at: readonly number[], dims: readonly number[]): number {
  return stridesOf(dims).reduce((n, stride, i) => n + stride * (at[i] ?? 0), 0);
}

/** All elements equal? Returns the value; undefined if they differ, for strings and for half floats. */
export function uniformValue(t: Tensor): number | undefined {
  if (t.dtype === "string" || t.dtype === "float16" || t.dtype === "bfloat16") return undefined;
  if (byteLength(t.dtype, 2) / 2 < 1) return undefined;
  const data = elements(t);
  if (data.length === 0) return undefined;
  const first = data[0];
  return (data as ArrayLike<number | bigint> & Iterable<number | bigint>).length > 0 && every(data, first)
    ? Number(first)
    : undefined;
}

function every(data: ArrayLike<number | bigint>, value: number | bigint | undefined): boolean {
  for (let i = 0; i < data.length; i++) if (!Object.is(data[i], value)) return false;
  return true;
}
