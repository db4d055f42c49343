import { byteLength, sizeOf, type Tensor } from "../../ir/tensor.ts";

/** The same array in row-major order, given its bytes in column-major order. */
export function transposeFortran(tensor: Tensor): Tensor {
  const { dims, dtype, bytes } = tensor;
  if (dims.length < 2) return tensor;
  const width = byteLength(dtype, 1);
  const strides: number[] = [];
  let stride = width;
  for (const d of dims) {
    strides.push(stride);
    stride *= d;
  }
  const out = new Uint8Array(bytes.length);
  const index = new Array<number>(dims.length).fill(0);
  const count = sizeOf(dims);
  for (let i = 0, from = 0; i < count; i++) {
    for (let b = 0; b < width; b++) out[i * width + b] = bytes[from + b] ?? 0;
    // Advance the last index first, and carry.
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      from += strides[axis] ?? 0;
      if (next < (dims[axis] ?? 0)) {
        index[axis] = next;
        break;
      }
      from -= next * (strides[axis] ?? 0);
      index[axis] = 0;
    }
  }
  return { dtype, dims, bytes: out };
}
