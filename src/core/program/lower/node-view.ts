import type { KernelRefusal } from "../../base/problem.ts";
import type { AttributeReader } from "../../ir/attributes.ts";
import type { Node } from "../../ir/graph.ts";
import type { Rounding } from "../../quant/scheme.ts";
import type { KernelForm, Layout, ProgramTensor } from "../program.ts";

/** A node of the dialect with the tensors that its kernel will read and write. */
export interface NodeView {
  readonly node: Node;
  readonly attributes: AttributeReader;
  readonly inputs: readonly (ProgramTensor | undefined)[];
  readonly outputs: readonly ProgramTensor[];
  /** Width of the activations; undefined if the node computes in float. */
  readonly bits: 8 | 16 | undefined;
  readonly rounding: Rounding;
  /** How activations lie around convolutions and pools. */
  readonly layout: Layout;
  /** A Relu follows that nothing else would see. */
  readonly relu: boolean;
  /** Reproduces ESP-PPQ, also where its answer is wrong. */
  readonly compatible?: boolean;
}

/** Answers how a node computes, or why it cannot. */
export type Lowering = (view: NodeView) => KernelForm | { readonly refused: KernelRefusal };

export function refused(reason: KernelRefusal): { readonly refused: KernelRefusal } {
  return { refused: reason };
}

/** The tensor at an input. A missing one is a bug of the caller: required inputs were checked by shape inference. */
export function inputOf(view: NodeView, index: number): ProgramTensor {
  const tensor = view.inputs[index];
  if (!tensor) throw new Error(`${view.node.name} misses input ${index}`);
  return tensor;
}

export function outputOf(view: NodeView): ProgramTensor {
  const [tensor] = view.outputs;
  if (!tensor) throw new Error(`${view.node.name} has no output`);
  return tensor;
}

/** Exponent of a tensor with one; 0 for floats and indices. */
export function exponentOf(tensor: ProgramTensor | undefined): number {
  return tensor?.exponents?.[0] ?? 0;
}
