/** Element types, by the names ONNX gives them in lower case. */
export type DType =
  | "float32"
  | "float64"
  | "float16"
  | "bfloat16"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "bool"
  | "string"
  | "complex64"
  | "complex128"
  | "float8e4m3fn"
  | "float8e4m3fnuz"
  | "float8e5m2"
  | "float8e5m2fnuz"
  | "float8e8m0"
  | "uint4"
  | "int4"
  | "float4e2m1"
  | "uint2"
  | "int2"
  | "float6e2m3"
  | "float6e3m2";

/**
 * A dense, row-major, little-endian tensor. `bytes` may be a view into the file it came from, at any alignment:
 * read it through the accessors below. String tensors keep their elements in `strings` and have no bytes.
 */
export interface Tensor {
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly bytes: Uint8Array;
  readonly strings?: readonly Uint8Array[];
  /** Fields of the file's record that say nothing of the elements (name, doc string, unknown fields); see format/onnx. */
  readonly extra?: object;
}

const BITS: Record<DType, number> = {
  float32: 32,
  float64: 64,
  float16: 16,
  bfloat16: 16,
  int8: 8,
  int16: 16,
  int32: 32,
  int64: 64,
  uint8: 8,
  uint16: 16,
  uint32: 32,
  uint64: 64,
  bool: 8,
  string: 0,
  complex64: 64,
  complex128: 128,
  float8e4m3fn: 8,
  float8e4m3fnuz: 8,
  float8e5m2: 8,
  float8e5m2fnuz: 8,
  float8e8m0: 8,
  uint4: 4,
  int4: 4,
  float4e2m1: 4,
  uint2: 2,
  int2: 2,
  float6e2m3: 6,
  float6e3m2: 6,
};

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(dims: readonly number[]): number {
  return dims.reduce((n, d) => n * d, 1);
}

/** Bytes that `count` elements of `dtype` occupy; sub-byte types are packed, low bits first. */
export function byteLength(dtype: DType, count: number): number {
  return Math.ceil((BITS[dtype] * count) / 8);
}

function aligned(t: Tensor, align: number): Uint8Array {
  // Not slice(): that of a Node Buffer copies nothing.
  return t.bytes.byteOffset % align === 0 ? t.bytes : new Uint8Array(t.bytes);
}

/** Values of a float32 tensor; a view when alignment allows, else a copy. Throws TypeError for another dtype. */
export function floats(t: Tensor): Float32Array {
  if (t.dtype !== "float32") throw new TypeError(`float32 expected, ${t.dtype} given`);
  const b = aligned(t, 4);
  return new Float32Array(b.buffer, b.byteOffset, b.byteLength >> 2);
}

/** Values of an int64 tensor; a view when alignment allows, else a copy. */
export function longs(t: Tensor): BigInt64Array {
  if (t.dtype !== "int64") throw new TypeError(`int64 expected, ${t.dtype} given`);
  const b = aligned(t, 8);
  return new BigInt64Array(b.buffer, b.byteOffset, b.byteLength >> 3);
}

/** A typed array over the elements; the array type follows dtype (`float16` and `bfloat16` as Uint16Array bits). */
export function elements(
  t: Tensor,
):
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array {
  const align = Math.max(1, BITS[t.dtype] >> 3);
  const b = aligned(t, Math.min(8, align));
  const n = b.byteLength;
  switch (t.dtype) {
    case "float32":
      return new Float32Array(b.buffer, b.byteOffset, n >> 2);
    case "float64":
      return new Float64Array(b.buffer, b.byteOffset, n >> 3);
    case "int8":
      return new Int8Array(b.buffer, b.byteOffset, n);
    case "int16":
      return new Int16Array(b.buffer, b.byteOffset, n >> 1);
    case "int32":
      return new Int32Array(b.buffer, b.byteOffset, n >> 2);
    case "int64":
      return new BigInt64Array(b.buffer, b.byteOffset, n >> 3);
    case "uint16":
    case "float16":
    case "bfloat16":
      return new Uint16Array(b.buffer, b.byteOffset, n >> 1);
    case "uint32":
      return new Uint32Array(b.buffer, b.byteOffset, n >> 2);
    case "uint64":
      return new BigUint64Array(b.buffer, b.byteOffset, n >> 3);
    case "string":
      throw new TypeError("string tensors have no numeric elements");
    default:
      return new Uint8Array(b.buffer, b.byteOffset, n);
  }
}

/** Elements as JavaScript numbers; int64 beyond ±2^53 lose their low bits. For small tensors: shapes, axes, scalars. */
export function numbers(t: Tensor): number[] {
  return Array.from(elements(t) as ArrayLike<number | bigint>, Number);
}

/** A tensor over the bytes of a typed array, no copy. The dtype follows the array's type unless given. */
export function tensorOf(
  data:
    | Float32Array
    | Float64Array
    | Int8Array
    | Int16Array
    | Int32Array
    | BigInt64Array
    | Uint8Array
    | Uint16Array,
  dims: readonly number[],
  dtype?: DType,
): Tensor {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { dtype: dtype ?? dtypeOf(data), dims, bytes };
}

function dtypeOf(data: ArrayBufferView): DType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof Int8Array) return "int8";
  if (data instanceof Int16Array) return "int16";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof BigInt64Array) return "int64";
  if (data instanceof Uint16Array) return "uint16";
  return "uint8";
}

/** float32 tensor from numbers. */
export function floatTensor(values: ArrayLike<number>, dims: readonly number[]): Tensor {
  return tensorOf(Float32Array.from(values), dims);
}

/** 1-D (or given dims) int64 tensor from integers. */
export function longTensor(values: readonly number[], dims: readonly number[] = [values.length]): Tensor {
  return tensorOf(BigInt64Array.from(values, BigInt), dims);
}
