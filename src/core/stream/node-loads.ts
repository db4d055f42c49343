import type { Graph, Node, ValueName } from "../ir/graph.ts";
import { producersOf, usedBy } from "../ir/walk.ts";
import type { StreamAnalysis } from "./analysis.ts";
import { nodeCost } from "./cost.ts";
import { extentsFor } from "./extents.ts";
import { type LoadModel, loadSeconds } from "./load.ts";

/** What runs of any part of a graph take, quickly. */
export interface NodeLoads {
  /** Seconds of the nodes in `below` that are not in `above`; undefined: none above, all below. Weights count once. */
  between(above: ReadonlySet<Node> | undefined, below: ReadonlySet<Node> | undefined): number;
  /** Seconds of a node alone. */
  alone(node: Node): number;
}

/** The loads of `nodes` at `chunk` model-input frames per run. Weights behind constant expressions belong to who reads those. */
export function nodeLoads(
  analysis: StreamAnalysis,
  nodes: readonly Node[],
  chunk: number,
  load: LoadModel,
): NodeLoads {
  const extents = extentsFor(analysis, chunk);
  const weightsOf = weightReader(analysis.graph, new Set(nodes));
  const bytesOf = (weight: ValueName): number =>
    analysis.graph.initializers.get(weight)?.bytes.byteLength ?? 0;
  const readers = new Map<ValueName, Node[]>();
  for (const node of nodes)
    for (const weight of weightsOf(node)) readers.set(weight, [...(readers.get(weight) ?? []), node]);
  const isShared = (weight: ValueName) => (readers.get(weight)?.length ?? 0) > 1;
  const shared = [...readers].filter(([weight]) => isShared(weight));
  const own = new Map<Node, number>();
  const all = new Map<Node, number>();
  for (const node of nodes) {
    const { macs, dispatches } = nodeCost(analysis, extents, node);
    const seconds = (weights: readonly ValueName[]) =>
      loadSeconds({ macs, dispatches, weightBytes: weights.reduce((n, w) => n + bytesOf(w), 0) }, load);
    own.set(node, seconds(weightsOf(node).filter((w) => !isShared(w))));
    all.set(node, seconds(weightsOf(node)));
  }
  const total = memo((set: ReadonlySet<Node>) => [...set].reduce((n, node) => n + (own.get(node) ?? 0), 0));
  const everything = new Set(nodes);
  return {
    between(above, below = everything) {
      const bytes = shared.reduce((n, [weight, by]) => {
        const read = by.some((node) => below.has(node) && !above?.has(node));
        return read ? n + bytesOf(weight) : n;
      }, 0);
      const fetch = loadSeconds({ macs: 0, dispatches: 0, weightBytes: bytes }, load);
      return total(below) - (above ? total(above) : 0) + fetch;
    },
    alone: (node) => all.get(node) ?? 0,
  };
}

function memo<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = make(key);
    known.set(key, value);
    return value;
  };
}

/** Initializers that a node reads, itself or through nodes that are not among `moving`. */
function weightReader(graph: Graph, moving: ReadonlySet<Node>): (node: Node) => readonly ValueName[] {
  const producers = producersOf(graph);
  const weightsOf = memo((node: Node): readonly ValueName[] => {
    const found = new Set<ValueName>();
    for (const name of usedBy(node)) {
      if (graph.initializers.has(name)) found.add(name);
      const maker = producers.get(name);
      if (maker && !moving.has(maker)) for (const weight of weightsOf(maker)) found.add(weight);
    }
    return [...found];
  });
  return weightsOf;
}
