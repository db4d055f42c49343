import { type Attribute, intAttribute, makeNode, type Node, type ValueName } from "../ir/graph.ts";
import type { Patch } from "../ir/patch.ts";
import { floatTensor, longTensor, type Tensor } from "../ir/tensor.ts";
import { makeLastFrames } from "../ops/last-frames.ts";

type Attributes = Readonly<Record<string, Attribute>>;

/** Collects what stands in for nodes, under names that the graph does not use yet. */
export class PatchWriter {
  private readonly nodes: Node[] = [];
  private readonly initializers = new Map<ValueName, Tensor>();
  private readonly removed = new Set<Node>();
  private readonly replaced = new Map<Node, Node>();
  private readonly fresh: (base: ValueName) => ValueName;
  /** Names of new values begin with the output that they serve. */
  private base = "";

  constructor(fresh: (base: ValueName) => ValueName) {
    this.fresh = fresh;
  }

  /** New values are named after `value` from here on. */
  serve(value: ValueName): void {
    this.base = value;
  }

  /** Adds an operator with one output, `target` or a new name ending in `role`; answers the name. */
  op(
    op: string,
    inputs: readonly ValueName[],
    role: string,
    attributes: Attributes = {},
    target?: ValueName,
  ): ValueName {
    const output = target ?? this.fresh(`${this.base}.${role}`);
    this.nodes.push(makeNode(op, inputs, [output], attributes));
    return output;
  }

  /** Adds an operator with several outputs; "" leaves one out. */
  wide(
    op: string,
    inputs: readonly ValueName[],
    outputs: readonly ValueName[],
    attributes: Attributes,
  ): void {
    this.nodes.push(makeNode(op, inputs, outputs, attributes));
  }

  name(role: string): ValueName {
    return this.fresh(`${this.base}.${role}`);
  }

  tensor(tensor: Tensor, role: string): ValueName {
    const name = this.name(role);
    this.initializers.set(name, tensor);
    return name;
  }

  floats(values: readonly number[], dims: readonly number[], role: string): ValueName {
    return this.tensor(floatTensor(values, dims), role);
  }

  scalar(value: number, role: string): ValueName {
    return this.floats([value], [], role);
  }

  ints(values: readonly number[], role: string): ValueName {
    return this.tensor(longTensor(values), role);
  }

  /** Mean over axes that stay with extent 1; the value itself if there are none. */
  mean(value: ValueName, axes: readonly number[], role: string): ValueName {
    if (axes.length === 0) return value;
    const inputs = [value, this.ints(axes, `${role}.axes`)];
    return this.op("ReduceMean", inputs, role, { keepdims: intAttribute(1) });
  }

  /** The newest frames of a stream, once per step. */
  newest(value: ValueName, axis: number, frames: number): ValueName {
    const output = this.name("newest");
    this.nodes.push(makeLastFrames(value, output, axis, frames));
    return output;
  }

  remove(node: Node): void {
    this.removed.add(node);
  }

  replace(node: Node, by: Node): void {
    this.replaced.set(node, by);
  }

  has(node: Node): boolean {
    return this.removed.has(node) || this.replaced.has(node);
  }

  /** Outputs of the new nodes. */
  get written(): readonly Node[] {
    return this.nodes;
  }

  patch(): Patch {
    return {
      removeNodes: this.removed,
      replaceNodes: this.replaced,
      addNodes: this.nodes,
      setInitializers: this.initializers,
    };
  }
}
