import { type Graph, type Node, nodeKey, type ValueName } from "../../../ir/graph.ts";
import { consumersOf, producersOf } from "../../../ir/walk.ts";
import type { WidthReason } from "./choice-trace.ts";
import { isCopy } from "./join-slots.ts";

/** Nodes that may be made wider together. */
export interface WidthMove {
  readonly nodes: ReadonlySet<Node>;
  readonly why: WidthReason;
  readonly about: string;
}

/**
 * What a search may widen, each set of nodes once: every node; every value, with what makes it and all that read it, since a value
 * keeps 16 bits only if both ends have them; and every node with all behind it. `may`: which nodes may be wider at all. Copies are
 * in no move: they have the width of what they copy.
 */
export function widthMoves(graph: Graph, may: (node: Node) => boolean): WidthMove[] {
  const wideable = (node: Node): boolean => !isCopy(node.op) && may(node);
  const readers = readersThroughCopies(graph);
  const order = new Map(graph.nodes.map((node, i) => [node, i]));
  const at = (node: Node): number => order.get(node) ?? 0;
  const moves = new Map<string, WidthMove>();
  const add = (nodes: Iterable<Node>, why: WidthReason, about: string): void => {
    const chosen = [...new Set(nodes)].filter(wideable).sort((a, b) => at(a) - at(b));
    const key = chosen.map(at).join();
    if (chosen.length > 0 && !moves.has(key)) moves.set(key, { nodes: new Set(chosen), why, about });
  };
  const own = graph.nodes.filter(wideable);
  for (const node of own) add([node], "node", nodeKey(node));
  for (const { name } of graph.inputs) add(readers(name), "value", name);
  for (const node of own)
    for (const value of node.outputs) if (value !== "") add([node, ...readers(value)], "value", value);
  for (const node of own) add(allBehind([node], readers), "rest", nodeKey(node));
  const [first] = own;
  if (first) add(own, "rest", nodeKey(first));
  return [...moves.values()];
}

/** The nodes that make what a node reads or read what it makes, copies looked through. */
export function neighboursOf(graph: Graph): (node: Node) => Node[] {
  const producers = producersOf(graph);
  const readers = readersThroughCopies(graph);
  const maker = (value: ValueName): Node[] => {
    const node = producers.get(value);
    if (!node) return [];
    return isCopy(node.op) ? maker(node.inputs[0] ?? "") : [node];
  };
  return (node) => [...node.inputs.flatMap(maker), ...node.outputs.flatMap(readers)];
}

function readersThroughCopies(graph: Graph): (value: ValueName) => Node[] {
  const consumers = consumersOf(graph);
  const readers = (value: ValueName): Node[] =>
    value === ""
      ? []
      : (consumers.get(value) ?? []).flatMap((node) =>
          isCopy(node.op) ? node.outputs.flatMap(readers) : [node],
        );
  return readers;
}

function allBehind(nodes: readonly Node[], readers: (value: ValueName) => Node[]): Set<Node> {
  const found = new Set(nodes);
  for (const node of found) for (const reader of node.outputs.flatMap(readers)) found.add(reader);
  return found;
}
