import type { Graph, Node, ValueInfo, ValueName } from "./graph.ts";

const producers = new WeakMap<Graph, ReadonlyMap<ValueName, Node>>();
const consumers = new WeakMap<Graph, ReadonlyMap<ValueName, readonly Node[]>>();

/** Value → the node that makes it. Graph inputs and initializers have none. Found once per graph. */
export function producersOf(graph: Graph): ReadonlyMap<ValueName, Node> {
  const found = producers.get(graph);
  if (found) return found;
  const map = new Map<ValueName, Node>();
  for (const node of graph.nodes) for (const out of node.outputs) if (out) map.set(out, node);
  producers.set(graph, map);
  return map;
}

/**
 * Value → nodes that read it, in graph order, each once; captured uses inside subgraphs count for their owner. Found once
 * per graph.
 */
export function consumersOf(graph: Graph): ReadonlyMap<ValueName, readonly Node[]> {
  const found = consumers.get(graph);
  if (found) return found;
  const map = new Map<ValueName, Node[]>();
  for (const node of graph.nodes) {
    for (const name of usedBy(node)) {
      const list = map.get(name);
      if (!list) map.set(name, [node]);
      else if (list[list.length - 1] !== node) list.push(node);
    }
  }
  consumers.set(graph, map);
  return map;
}

/** Names a node reads: its inputs, and what its subgraphs capture from outside. */
export function usedBy(node: Node): ValueName[] {
  const names = node.inputs.filter((i) => i !== "");
  for (const attr of Object.values(node.attributes)) {
    if (attr.kind === "graph") names.push(...capturedBy(attr.value));
    else if (attr.kind === "graphs") for (const g of attr.value) names.push(...capturedBy(g));
  }
  return names;
}

/** Names a subgraph reads from its enclosing scopes. */
export function capturedBy(graph: Graph): ValueName[] {
  const own = new Set<ValueName>([...graph.inputs.map((v) => v.name), ...graph.initializers.keys()]);
  for (const node of graph.nodes) for (const out of node.outputs) own.add(out);
  const used = new Set<ValueName>();
  for (const node of graph.nodes) for (const name of usedBy(node)) if (!own.has(name)) used.add(name);
  for (const out of graph.outputs) if (!own.has(out.name)) used.add(out.name);
  return [...used];
}

/** Graph inputs that are not merely defaults of initializers (ir_version < 4 lists those too). */
export function realInputs(graph: Graph): ValueInfo[] {
  return graph.inputs.filter((v) => !graph.initializers.has(v.name));
}

/** Name, dtype and shape of any value of the graph, from wherever it is declared. */
export function infoOf(graph: Graph): (name: ValueName) => ValueInfo | undefined {
  const map = new Map<ValueName, ValueInfo>(graph.values);
  for (const v of graph.inputs) map.set(v.name, v);
  for (const v of graph.outputs) map.set(v.name, { ...map.get(v.name), ...v });
  return (name) => {
    const t = graph.initializers.get(name);
    return t ? { name, dtype: t.dtype, shape: t.dims } : map.get(name);
  };
}
