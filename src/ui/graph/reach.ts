import type { GraphScene } from "./graph-scene.ts";

/** Boxes and edges on the ways from some boxes to the ends of the graph. */
export interface Reach {
  readonly nodes: ReadonlySet<number>;
  readonly edges: ReadonlySet<number>;
}

/**
 * Everything that one of the boxes depends on (upstream), or that depends on one of them (downstream), themselves included. Linear in
 * the graph, however many they are.
 */
export function reachOf(
  scene: GraphScene,
  from: readonly number[],
  direction: "upstream" | "downstream",
): Reach {
  const nodes = new Set(from);
  const edges = new Set<number>();
  const waiting = [...nodes];
  const lists = direction === "upstream" ? scene.inEdges : scene.outEdges;
  for (let v = waiting.pop(); v !== undefined; v = waiting.pop()) {
    for (const e of lists[v] ?? []) {
      edges.add(e);
      const next = scene.edges[e]?.[direction === "upstream" ? "source" : "target"];
      if (next === undefined || nodes.has(next)) continue;
      nodes.add(next);
      waiting.push(next);
    }
  }
  return { nodes, edges };
}
