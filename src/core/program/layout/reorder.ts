import { byteLength, sizeOf, type Tensor } from "../../ir/tensor.ts";
import { storedDims } from "./axis-order.ts";

/** The tensor stored in another order of axes. */
export function transposeTensor(tensor: Tensor, order: readonly number[]): Tensor {
  const dims = storedDims(order, tensor.dims);
  const width = byteLength(tensor.dtype, 1);
  const steps = order.map((axis) => sizeOf(tensor.dims.slice(axis + 1)));
  return gathered(tensor, dims, width, (i) => {
    let [rest, at] = [i, 0];
    for (let k = dims.length - 1; k >= 0; k--) {
      const extent = dims[k] ?? 1;
      at += (rest % extent) * (steps[k] ?? 0);
      rest = Math.floor(rest / extent);
    }
    return at;
  });
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
