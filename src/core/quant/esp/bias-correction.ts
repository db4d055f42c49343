import type { Graph, Model, Node, ValueName } from "../../ir/graph.ts";
import { applyPatch } from "../../ir/patch.ts";
import { floats, floatTensor, sizeOf, type Tensor } from "../../ir/tensor.ts";
import { hasFilter } from "./op-roles.ts";

/** Corrected biases by the value whose bias they are: it names the same node in every part of a divided graph. */
export type Biases = ReadonlyMap<ValueName, Tensor>;

/** A node that adds a constant of its own to every channel. */
export interface BiasedNode {
  readonly makes: ValueName;
  /** What is read downstream where a Relu alone reads `makes`: a chip may compute both in one. */
  readonly rectified?: ValueName;
  readonly constant: ValueName;
  /** Of `makes`. */
  readonly axis: number;
  /** One number per channel. */
  readonly bias: Tensor;
}

/**
 * Products with a bias, and additions of a constant per channel, whose constant nothing else reads; in graph order. `rankOf`: of a
 * value, undefined if unknown.
 */
export function biasedNodes(graph: Graph, rankOf: (value: ValueName) => number | undefined): BiasedNode[] {
  const readers = new Map<ValueName, Node[]>();
  for (const node of graph.nodes)
    for (const name of node.inputs) readers.set(name, [...(readers.get(name) ?? []), node]);
  const outputs = new Set(graph.outputs.map((o) => o.name));
  return graph.nodes.flatMap((node): BiasedNode[] => {
    const [makes = ""] = node.outputs;
    const constant = biasName(node, graph.initializers) ?? "";
    const bias = graph.initializers.get(constant);
    const rank = rankOf(makes);
    if (bias?.dtype !== "float32" || readers.get(constant)?.length !== 1 || rank === undefined) return [];
    const axis = channelAxis(node, bias, rank);
    if (axis === undefined) return [];
    const [reader, ...others] = readers.get(makes) ?? [];
    const rectified = reader?.op === "Relu" && others.length === 0 && !outputs.has(makes);
    return [{ makes, constant, axis, bias, ...(rectified && { rectified: reader.outputs[0] ?? "" }) }];
  });
}

const isBias = ({ op }: Node, input: number): boolean => (hasFilter(op) ? input === 2 : op === "Add");

/** The axis of the output along which the bias varies; undefined if it is one number, or varies along several axes. */
function channelAxis({ op }: Node, { dims }: Tensor, rank: number): number | undefined {
  if (hasFilter(op)) return dims.length === 1 ? (op === "Gemm" ? rank - 1 : 1) : undefined;
  const [along, ...more] = dims.flatMap((d, i) => (d === 1 ? [] : [rank - dims.length + i]));
  return more.length === 0 && along !== undefined && along >= 0 ? along : undefined;
}

/** The bias that makes up for `error`: by channel, what float makes less what the node makes. */
export function correctedBias({ bias }: BiasedNode, error: Float64Array): Tensor {
  return floatTensor(
    floats(bias).map((b, c) => b + (error[c] ?? 0)),
    bias.dims,
  );
}

/** The constant that a node adds to what it makes, by what it makes. */
export function biasesOf({ nodes, initializers }: Graph): Biases {
  return new Map(
    nodes.flatMap((node) => {
      const bias = initializers.get(biasName(node, initializers) ?? "");
      return bias ? [[node.outputs[0] ?? "", bias] as const] : [];
    }),
  );
}

function biasName(node: Node, initializers: Graph["initializers"]): ValueName | undefined {
  return node.inputs.find((name, i) => isBias(node, i) && initializers.has(name));
}

/** The model with corrected biases; values that it does not make are left out, and nodes stay the same objects. */
export function withBiases(model: Model, biases: Biases): Model {
  if (biases.size === 0) return model;
  const { graph } = model;
  const changed = new Map<ValueName, Tensor>();
  for (const node of graph.nodes) {
    const bias = biases.get(node.outputs[0] ?? "");
    const constant = biasName(node, graph.initializers);
    if (bias && constant !== undefined) changed.set(constant, bias);
  }
  return { ...model, graph: applyPatch(graph, { setInitializers: changed }) };
}

/** Sums by channel, over as much as is added. */
export class ChannelMeans {
  private readonly sums: Float64Array;
  private readonly counts: Float64Array;
  private readonly axis: number;

  constructor(channels: number, axis: number) {
    this.sums = new Float64Array(channels);
    this.counts = new Float64Array(channels);
    this.axis = axis;
  }

  /** `elements` of `dims`, times `scale`. */
  add(elements: ArrayLike<number | bigint>, dims: readonly number[], scale = 1): void {
    const { axis, sums, counts } = this;
    const inner = sizeOf(dims.slice(axis + 1));
    const channels = dims[axis] ?? 1;
    for (let i = 0; i < elements.length; i++) {
      const c = Math.floor(i / inner) % channels;
      sums[c] = (sums[c] ?? 0) + Number(elements[i]) * scale;
      counts[c] = (counts[c] ?? 0) + 1;
    }
  }

  means(): Float64Array {
    return this.sums.map((sum, c) => sum / Math.max(1, this.counts[c] ?? 0));
  }
}
