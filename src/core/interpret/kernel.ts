import type { AttributeReader } from "../ir/attributes.ts";
import type { Node } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";

/**
 * One node's inputs (floats as doubles) → its outputs; undefined leaves the node to the catalogue's own rule. Absent
 * optional inputs are undefined. Throws NotCovered.
 */
export type Kernel = (
  inputs: readonly (Tensor | undefined)[],
  attributes: AttributeReader,
  node: Node,
) => readonly Tensor[] | undefined;

/** An operator, or a form of it, that the interpreter does not compute. */
export class NotCovered extends Error {
  readonly op: string;
  readonly node: string;
  constructor(op: string, node: string) {
    super(`${op} at ${node} is not covered`);
    this.name = "NotCovered";
    this.op = op;
    this.node = node;
  }
}

/** An input that must be there. */
export function needed(t: Tensor | undefined): Tensor {
  if (!t) throw new Error("an input is missing");
  return t;
}
