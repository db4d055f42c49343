import type { KernelRefusal } from "../../base/problem.ts";
import { longTensor, numbers, type Tensor } from "../../ir/tensor.ts";
import type { Kernel, KernelForm, ProgramTensor } from "../program.ts";
import type { NodeView } from "./node-view.ts";

/** The kernels of one node in running order, and the tensors between them; or why there are none. */
export type Spelled =
  | { readonly kernels: readonly Kernel[]; readonly tensors: readonly ProgramTensor[] }
  | { readonly refused: KernelRefusal };

/** Spells a node whose form is known. `outputs`: names as the node has them. */
export type Spelling = (view: NodeView, outputs: readonly string[], form: KernelForm) => Spelled;

/** The node as one kernel, as it stands. */
export function kernelOf(view: NodeView, outputs: readonly string[], form: KernelForm): Kernel {
  const { node, inputs } = view;
  return {
    name: node.name,
    op: node.op,
    inputs: inputs.map((t) => t?.name ?? ""),
    outputs,
    attributes: node.attributes,
    form,
  };
}

/** An index operand as a constant of its own. */
export function indices(name: string, values: readonly number[]): ProgramTensor {
  const data = longTensor(values);
  return constantTensor(name, data);
}

export function constantTensor(name: string, data: Tensor, exponents?: readonly number[]): ProgramTensor {
  return { name, dtype: data.dtype, dims: data.dims, data, ...(exponents && { exponents }) };
}

/** The numbers of a constant input; undefined where there is none. */
export function constantNumbers(view: NodeView, index: number): number[] | undefined {
  const data = view.inputs[index]?.data;
  return data && numbers(data);
}

export function fromFront(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** Whether every extent is known: support is asked for before lengths are. */
export function isConcrete(dims: readonly number[]): boolean {
  return dims.every((d) => Number.isInteger(d));
}
