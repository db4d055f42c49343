import type { Graph, Node, ValueName } from "../core/ir/graph.ts";
import { nodeKey } from "../core/ir/graph.ts";
import { innerScope, pathOf, type Scope, scopedName } from "../core/ir/scoped-name.ts";
import type { Tensor } from "../core/ir/tensor.ts";
import { capturedBy, infoOf, realInputs } from "../core/ir/walk.ts";
import type { OperandInfo } from "../core/ops/op.ts";
import { inferSubgraphs, type SubgraphInference } from "../core/passes/infer-shapes.ts";
import type { InitializerSummary, NodeSummary, SubgraphSummary, ValueSummary } from "./reports.ts";

interface Around {
  readonly info: (name: ValueName) => OperandInfo;
  /** Name of the scope → name as it is told apart. */
  readonly named: (name: ValueName) => ValueName;
  readonly scope: Scope;
  /** What a node is summarised as, besides its subgraphs. */
  readonly describe: (node: Node) => Omit<NodeSummary, "key" | "inputs" | "outputs">;
}

/**
 * Subgraphs of a node of the main graph, with all names told apart by where they live, and the names that they read from
 * outside. Undefined for nodes without any.
 */
export function summarizeSubgraphs(
  node: Node,
  info: Around["info"],
  describe: Around["describe"],
): Pick<NodeSummary, "subgraphs" | "captured"> {
  return subgraphsOf(node, { info, describe, named: (name) => name, scope: "" });
}

function subgraphsOf(node: Node, around: Around): Pick<NodeSummary, "subgraphs" | "captured"> {
  const graphs = graphsOf(node);
  if (graphs.length === 0) return {};
  const types = inferSubgraphs(node, around.info);
  const captured = new Set(graphs.flatMap(([, graph]) => capturedBy(graph)).map(around.named));
  return {
    subgraphs: graphs.map(([attribute, graph]) => subgraph(node, attribute, graph, types, around)),
    captured: [...captured],
  };
}

/** Attribute and graph; of a list of graphs each with its position. */
function graphsOf(node: Node): readonly (readonly [attribute: string, graph: Graph])[] {
  return Object.entries(node.attributes).flatMap(([name, a]) => {
    if (a.kind === "graph") return [[name, a.value] as const];
    return a.kind === "graphs" ? a.value.map((g, i) => [`${name}.${i}`, g] as const) : [];
  });
}

function subgraph(
  owner: Node,
  attribute: string,
  graph: Graph,
  types: SubgraphInference,
  around: Around,
): SubgraphSummary {
  const scope = innerScope(scopedName(around.scope, nodeKey(owner)), attribute);
  const declared = infoOf(graph);
  const own = new Set([...graph.inputs.map((v) => v.name), ...graph.initializers.keys()]);
  for (const node of graph.nodes) for (const output of node.outputs) own.add(output);
  const found = types.get(attribute);
  const info = (name: ValueName): OperandInfo =>
    own.has(name) ? (found?.(name) ?? declared(name) ?? {}) : around.info(name);
  const named = (name: ValueName) => (own.has(name) ? scopedName(scope, name) : around.named(name));
  const inside: Around = { info, named, scope, describe: around.describe };
  const outputs = new Set(graph.outputs.map((v) => v.name));
  const constants = constantsOf(graph);
  const shown = graph.nodes.filter((node) => node.outputs.some((o) => !constants.has(o) || outputs.has(o)));
  const values = [...realInputs(graph).map((v) => v.name), ...graph.nodes.flatMap((n) => n.outputs)];
  return {
    attribute,
    inputs: realInputs(graph).map((v) => named(v.name)),
    outputs: graph.outputs.map((v) => named(v.name)),
    nodes: shown.map((node) => ({
      ...around.describe(node),
      key: scopedName(scope, nodeKey(node)),
      inputs: node.inputs.map(named),
      outputs: node.outputs.map((o) => scopedName(scope, o)),
      ...subgraphsOf(node, inside),
    })),
    values: values.filter((v) => v !== "").map((v) => typedValue(named(v), info(v))),
    initializers: [...constants]
      .filter(([name]) => !outputs.has(name) || graph.initializers.has(name))
      .map(([name, tensor]) => initializerOf(named(name), tensor)),
  };
}

/** Initializers, and what Constant nodes hold: both are weights to whoever looks. */
function constantsOf(graph: Graph): ReadonlyMap<ValueName, Tensor> {
  const constants = new Map(graph.initializers);
  for (const { op, domain, attributes, outputs } of graph.nodes) {
    const value = op === "Constant" && domain === "" ? attributes.value : undefined;
    if (value?.kind === "tensor" && outputs[0]) constants.set(outputs[0], value.value);
  }
  return constants;
}

function typedValue(name: ValueName, { dtype, shape }: OperandInfo): ValueSummary {
  return { name, ...(dtype && { dtype }), ...(shape && { shape }) };
}

function initializerOf(name: ValueName, { dtype, dims, bytes }: Tensor): InitializerSummary {
  return { name, dtype, shape: dims, bytes: bytes.byteLength };
}

/** A constant by its name in the main graph or in a subgraph. */
export function tensorNamed(graph: Graph, name: ValueName): Tensor | undefined {
  const path = pathOf(name);
  let at: Graph | undefined = graph;
  for (let i = 0; i + 2 < path.length; i += 2) {
    const owner: Node | undefined = at?.nodes.find((n) => nodeKey(n) === path[i]);
    at = owner && graphsOf(owner).find(([attribute]) => attribute === path[i + 1])?.[1];
  }
  return at && constantsOf(at).get(path.at(-1) ?? "");
}
