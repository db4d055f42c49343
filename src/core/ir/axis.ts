import { byteLength, sizeOf, type Tensor } from "./tensor.ts";

/*
 * Cutting and joining tensors along one axis, for any element type: a tensor is seen as outer × extent × inner,
 * and rows of `inner` elements are copied as bytes.
 */

interface Split {
  readonly outer: number;
  readonly extent: number;
  /** Bytes of one index of the axis within one outer block. */
  readonly rowBytes: number;
}

function splitAt(t: Tensor, axis: number): Split {
  const outer = sizeOf(t.dims.slice(0, axis));
  const extent = t.dims[axis] ?? 1;
  return { outer, extent, rowBytes: byteLength(t.dtype, sizeOf(t.dims.slice(axis + 1))) };
}

function withExtent(dims: readonly number[], axis: number, extent: number): number[] {
  return dims.map((d, i) => (i === axis ? extent : d));
}

/** Indices [from, to) of `axis`. A copy; a view when everything is kept. Throws RangeError outside the tensor. */
export function sliceAxis(t: Tensor, axis: number, from: number, to: number): Tensor {
  const { outer, extent, rowBytes } = splitAt(t, axis);
  if (from < 0 || to > extent || from > to) throw new RangeError(`[${from}, ${to}) of ${extent}`);
  if (from === 0 && to === extent) return t;
  const length = (to - from) * rowBytes;
  const bytes = new Uint8Array(outer * length);
  for (let o = 0; o < outer; o++) {
    const start = o * extent * rowBytes + from * rowBytes;
    bytes.set(t.bytes.subarray(start, start + length), o * length);
  }
  return { dtype: t.dtype, dims: withExtent(t.dims, axis, to - from), bytes };
}

/** Tensors of equal dtype and other dims, joined along `axis`. Throws RangeError on none. */
export function concatAxis(parts: readonly Tensor[], axis: number): Tensor {
  const first = parts[0];
  if (!first) throw new RangeError("nothing to join");
  if (parts.length === 1) return first;
  const extent = parts.reduce((n, p) => n + (p.dims[axis] ?? 1), 0);
  const { outer, rowBytes } = splitAt(first, axis);
  const bytes = new Uint8Array(outer * extent * rowBytes);
  let at = 0;
  for (const part of parts) {
    const length = (part.dims[axis] ?? 1) * rowBytes;
    for (let o = 0; o < outer; o++) {
      bytes.set(part.bytes.subarray(o * length, (o + 1) * length), o * extent * rowBytes + at);
    }
    at += length;
  }
  return { dtype: first.dtype, dims: withExtent(first.dims, axis, extent), bytes };
}

/** [… steps·n …] → [steps, … n …]: consecutive chunks of `n` along `axis`, stacked on a new leading axis. */
export function stackChunks(t: Tensor, axis: number, n: number): Tensor {
  const { outer, extent, rowBytes } = splitAt(t, axis);
  const steps = extent / n;
  if (!Number.isInteger(steps)) throw new RangeError(`${extent} is not a multiple of ${n}`);
  const dims = [steps, ...withExtent(t.dims, axis, n)];
  if (outer === 1) return { dtype: t.dtype, dims, bytes: t.bytes };
  const chunkBytes = n * rowBytes;
  const bytes = new Uint8Array(t.bytes.byteLength);
  for (let s = 0; s < steps; s++) {
    for (let o = 0; o < outer; o++) {
      const from = (o * extent + s * n) * rowBytes;
      bytes.set(t.bytes.subarray(from, from + chunkBytes), (s * outer + o) * chunkBytes);
    }
  }
  return { dtype: t.dtype, dims, bytes };
}

/** Inverse of `stackChunks`: [steps, … n …] → [… steps·n …]; `axis` counts without the leading axis. */
export function unstackChunks(t: Tensor, axis: number): Tensor {
  const [steps = 1, ...inner] = t.dims;
  const n = inner[axis] ?? 1;
  const dims = withExtent(inner, axis, steps * n);
  const outer = sizeOf(inner.slice(0, axis));
  if (outer === 1) return { dtype: t.dtype, dims, bytes: t.bytes };
  const chunkBytes = byteLength(t.dtype, n * sizeOf(inner.slice(axis + 1)));
  const bytes = new Uint8Array(t.bytes.byteLength);
  for (let s = 0; s < steps; s++) {
    for (let o = 0; o < outer; o++) {
      const from = (s * outer + o) * chunkBytes;
      bytes.set(t.bytes.subarray(from, from + chunkBytes), (o * steps + s) * chunkBytes);
    }
  }
  return { dtype: t.dtype, dims, bytes };
}

/** A float32 or int8 tensor with every element at `value`. */
export function filled(dtype: "float32" | "int8", dims: readonly number[], value: number): Tensor {
  const n = sizeOf(dims);
  if (dtype === "int8") return { dtype, dims, bytes: new Uint8Array(n).fill(value & 0xff) };
  return { dtype, dims, bytes: new Uint8Array(new Float32Array(n).fill(value).buffer) };
}
