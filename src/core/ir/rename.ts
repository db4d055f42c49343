import type { Attribute, Graph, Node, ValueName } from "./graph.ts";
import { capturedBy } from "./walk.ts";

export type Renaming = (name: ValueName) => ValueName;

/** A node under other names; what its subgraphs capture is renamed with it. */
export function renameNode(node: Node, rename: Renaming): Node {
  const apply = (name: ValueName): ValueName => (name === "" ? name : rename(name));
  const hasGraphs = Object.values(node.attributes).some((a) => a.kind === "graph" || a.kind === "graphs");
  const attributes = hasGraphs ? renameCaptures(node.attributes, apply) : node.attributes;
  return { ...node, inputs: node.inputs.map(apply), outputs: node.outputs.map(apply), attributes };
}

function renameCaptures(attributes: Node["attributes"], rename: Renaming): Record<string, Attribute> {
  const renamed: Record<string, Attribute> = {};
  for (const [key, attribute] of Object.entries(attributes)) {
    if (attribute.kind === "graph") renamed[key] = { kind: "graph", value: inScope(attribute.value, rename) };
    else if (attribute.kind === "graphs")
      renamed[key] = { kind: "graphs", value: attribute.value.map((g) => inScope(g, rename)) };
    else renamed[key] = attribute;
  }
  return renamed;
}

/** A subgraph whose captured names follow the renaming; its own names stay. */
function inScope(graph: Graph, rename: Renaming): Graph {
  const captured = new Set(capturedBy(graph));
  const apply: Renaming = (name) => (captured.has(name) ? rename(name) : name);
  return {
    ...graph,
    nodes: graph.nodes.map((node) => renameNode(node, apply)),
    outputs: graph.outputs.map((o) => ({ ...o, name: apply(o.name) })),
  };
}
