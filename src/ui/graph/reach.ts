import type { GraphScene } from "./graph-scene.ts";

/** Boxes and edges on the way from one box to the ends of the graph. */
export interface Reach {
  readonly nodes: ReadonlySet<number>;
  readonly edges: ReadonlySet<number>;
}

/** Everything that a box depends on (upstream), or that depends on it (downstream), itself included. */
export function reachOf(scene: GraphScene, from: number, direction: "upstream" | "downstream"): Reach {
  const nodes = new Set([from]);
  const edges = new Set<number>();
  const waiting = [from];
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
