import { sizeOf } from "../../ir/tensor.ts";
import { inputOf, outputOf, refused } from "./node-view.ts";
import { constantTensor, kernelOf, type Spelling } from "./spelling.ts";

/** A bias as the runtime reads it: a vector with one number per output. */
export const gemmKernels: Spelling = (view, outputs, form) => {
  const kernel = kernelOf(view, outputs, form);
  const bias = view.inputs[2];
  if (!bias) return { kernels: [kernel], tensors: [] };
  if (!bias.data) return refused("dynamicOperand");
  const count = outputOf(view).dims.at(-1);
  if (sizeOf(bias.dims) !== count) return refused("attribute");
  if (bias.dims.length === 1) return { kernels: [kernel], tensors: [] };
  const row = constantTensor(`${bias.name}.row`, { ...bias.data, dims: [count] }, bias.exponents);
  const inputs = [inputOf(view, 0).name, inputOf(view, 1).name, row.name];
  return { kernels: [{ ...kernel, inputs }], tensors: [row] };
};
