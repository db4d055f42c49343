import { elements, floats, sizeOf, type Tensor } from "../ir/tensor.ts";

/** Elements of a tensor of doubles, as the interpreter keeps every float. Throws TypeError for another dtype. */
export function doubles(t: Tensor): Float64Array {
  if (t.dtype !== "float64") throw new TypeError(`float64 expected, ${t.dtype} given`);
  return elements(t) as Float64Array;
}

/** A tensor over these doubles, no copy. */
export function doubleTensor(data: Float64Array, dims: readonly number[]): Tensor {
  return { dtype: "float64", dims, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

/** A tensor of doubles, all zero. */
export function zeros(dims: readonly number[]): { readonly data: Float64Array; readonly tensor: Tensor } {
  const data = new Float64Array(sizeOf(dims));
  return { data, tensor: doubleTensor(data, dims) };
}

/** Floats as doubles; tensors of any other dtype stay as they are. */
export function widened(t: Tensor): Tensor {
  return t.dtype === "float32" ? doubleTensor(Float64Array.from(floats(t)), t.dims) : t;
}

/** Element by element. */
export function mapped(t: Tensor, f: (x: number) => number): Tensor {
  const source = doubles(t);
  const data = new Float64Array(source.length);
  for (let i = 0; i < data.length; i++) data[i] = f(source[i] as number);
  return doubleTensor(data, t.dims);
}
