import { type Graph, nodeKey, type ValueName } from "../core/ir/graph.ts";

/** Key of the node that makes a value; undefined for inputs and constants. */
export function makerOf(graph: Graph): (value: ValueName) => string | undefined {
  const makers = new Map(graph.nodes.flatMap((n) => n.outputs.map((o) => [o, nodeKey(n)] as const)));
  return (value) => makers.get(value);
}

/** Position of a value in the graph: inputs first, then in the order in which nodes make them. */
export function orderOf(graph: Graph): (value: ValueName) => number {
  const order = new Map(graph.nodes.flatMap((n) => n.outputs).map((name, i) => [name, i] as const));
  return (value) => order.get(value) ?? -1;
}
