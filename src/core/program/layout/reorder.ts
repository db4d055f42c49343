import { byteLength, sizeOf, type Tensor } from "../../ir/tensor.ts";
import { storedDims } from "./axis-order.ts";

/** The tensor stored in another order of axes. */
export function transposeTensor(tensor: Tensor, order: readonly number[]): Tensor {
  const dims = storedDims(order, tensor.dims);
  const width = byteLength(tensor.dtype, 1);
  const steps = order.map((axis) => width * sizeOf(tensor.dims.slice(axis + 1)));
  const bytes = new Uint8Array(tensor.bytes.byteLength);
  const last = Math.max(0, dims.length - 1);
  const [extent, step] = [dims[last] ?? 1, steps[last] ?? 0];
  const index = new Array<number>(last).fill(0);
  let from = 0;
  for (let to = 0; to < bytes.length; to += extent * width) {
    if (width === 1) copyRow(tensor.bytes, from, step, { bytes, to, count: extent });
    else
      for (let b = 0; b < width; b++)
        for (let i = 0; i < extent; i++)
          bytes[to + i * width + b] = tensor.bytes[from + i * step + b] as number;
    for (let axis = last - 1; axis >= 0; axis--) {
      from += steps[axis] ?? 0;
      index[axis] = (index[axis] ?? 0) + 1;
      if (index[axis] !== dims[axis]) break;
      from -= (steps[axis] ?? 0) * (dims[axis] ?? 1);
      index[axis] = 0;
    }
  }
  return { dtype: tensor.dtype, dims, bytes };
}

function copyRow(
  source: Uint8Array,
  from: number,
  step: number,
  { bytes, to, count }: { readonly bytes: Uint8Array; readonly to: number; readonly count: number },
): void {
  for (let i = 0, at = from; i < count; i++, at += step) bytes[to + i] = source[at] as number;
}

/** A weight [inputs, outputs], or [outputs, inputs] if `transposed`, whose input i is the former input rows[i]. */
export function permuteRows(weight: Tensor, rows: readonly number[], transposed: boolean): Tensor {
  const width = byteLength(weight.dtype, 1);
  const inner = weight.dims.at(-1) ?? 1;
  return gathered(weight, weight.dims, width, (i) => {
    const [outer, last] = [Math.floor(i / inner), i % inner];
    return transposed ? outer * inner + (rows[last] ?? 0) : (rows[outer] ?? 0) * inner + last;
  });
}

function gathered(
  tensor: Tensor,
  dims: readonly number[],
  width: number,
  from: (i: number) => number,
): Tensor {
  const bytes = new Uint8Array(tensor.bytes.byteLength);
  for (let i = 0; i < sizeOf(dims); i++)
    for (let b = 0; b < width; b++) bytes[i * width + b] = tensor.bytes[from(i) * width + b] ?? 0;
  return { dtype: tensor.dtype, dims, bytes };
}
