import {
  type Graph,
  intAttribute,
  intsAttribute,
  makeNode,
  type Node,
  type ValueInfo,
  type ValueName,
} from "../ir/graph.ts";
import { type DType, longTensor, type Tensor } from "../ir/tensor.ts";

/** Slice takes its ranges as inputs since opset 10. */
const SLICE_INPUTS_OPSET = 10;

/** Vectors up to this length are named by what they hold. */
const LONGEST_NAMED = 16;

/** Writes a graph node by node; new names never collide with the names it was told of. */
export class GraphWriter {
  readonly nodes: Node[] = [];
  readonly initializers = new Map<ValueName, Tensor>();
  readonly values = new Map<ValueName, ValueInfo>();
  private readonly taken: Set<ValueName>;
  private readonly opset: number;
  private readonly vectors = new Map<string, ValueName>();

  constructor(taken: Iterable<ValueName>, opset: number) {
    this.taken = new Set(taken);
    this.opset = opset;
  }

  /** `name`, or `name.1`, `name.2`, … if it is taken; taken afterwards. */
  fresh(name: ValueName): ValueName {
    let unique = name;
    for (let i = 1; this.taken.has(unique); i++) unique = `${name}.${i}`;
    this.taken.add(unique);
    return unique;
  }

  describe(name: ValueName, dtype: DType, shape: readonly number[] | undefined): void {
    this.values.set(name, shape ? { name, dtype, shape } : { name, dtype });
  }

  /** An int64 vector; equal vectors are stored once. */
  vector(values: readonly number[]): ValueName {
    const key = values.join(",");
    const known = this.vectors.get(key);
    if (known !== undefined) return known;
    const name = this.fresh(values.length > LONGEST_NAMED ? `int64.${values.length}` : `int64.${key}`);
    this.vectors.set(key, name);
    this.initializers.set(name, longTensor(values));
    return name;
  }

  /** Names a new initializer. */
  constant(name: ValueName, tensor: Tensor): ValueName {
    const unique = this.fresh(name);
    this.initializers.set(unique, tensor);
    return unique;
  }

  /** target = source[from, to) along axis. */
  slice(source: ValueName, target: ValueName, axis: number, from: number, to: number): void {
    if (this.opset >= SLICE_INPUTS_OPSET) {
      const ranges = [this.vector([from]), this.vector([to]), this.vector([axis])];
      this.nodes.push(makeNode("Slice", [source, ...ranges], [target]));
    } else {
      const attributes = {
        starts: intsAttribute([from]),
        ends: intsAttribute([to]),
        axes: intsAttribute([axis]),
      };
      this.nodes.push(makeNode("Slice", [source], [target], attributes));
    }
  }

  reshape(source: ValueName, target: ValueName, shape: readonly number[]): void {
    this.nodes.push(makeNode("Reshape", [source, this.vector(shape)], [target]));
  }

  concat(sources: readonly ValueName[], target: ValueName, axis: number): void {
    this.nodes.push(makeNode("Concat", sources, [target], { axis: intAttribute(axis) }));
  }

  /** The written graph with these inputs and outputs; `values` holds the rest. */
  graph(name: string, inputs: readonly ValueInfo[], outputs: readonly ValueInfo[]): Graph {
    const values = new Map(this.values);
    for (const port of [...inputs, ...outputs]) values.delete(port.name);
    return { name, inputs, outputs, initializers: this.initializers, nodes: this.nodes, values };
  }
}

/** Every name that a graph defines or reads, so that a writer can avoid them. */
export function namesOf(graph: Graph): Set<ValueName> {
  const names = new Set<ValueName>([...graph.initializers.keys(), ...graph.values.keys()]);
  for (const v of [...graph.inputs, ...graph.outputs]) names.add(v.name);
  for (const node of graph.nodes) for (const name of [...node.inputs, ...node.outputs]) names.add(name);
  return names;
}
