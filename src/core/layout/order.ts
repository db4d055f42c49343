import type { Adjacency } from "./adjacency.ts";
import { at } from "./at.ts";
import type { Ranks } from "./ranks.ts";

/** Edges over more ranks than this run in side lanes and pull nobody, or a U-Net's skip would drag its decoder sideways. */
export const SHORT_SPAN_RANKS = 3;

const SWEEPS = 4;

/**
 * Reorders each row in place to reduce crossings: barycentre sweeps, down and up in turn. Nodes of one cluster stay
 * together: what belongs to none stands at the left, then cluster after cluster.
 */
export function orderRanks(graph: Adjacency, ranks: Ranks, cluster?: Int32Array): void {
  const { rankCount, rankStart, rankNodes } = ranks;
  /** Position of a node in its row, counted from the row's middle. */
  const position = new Float64Array(graph.nodeCount);
  const wanted = new Float64Array(graph.nodeCount);
  const number = (row: Int32Array) => {
    for (let i = 0; i < row.length; i++) position[at(row, i)] = i - (row.length - 1) / 2;
  };
  for (let r = 0; r < rankCount; r++) {
    const row = rankNodes.subarray(at(rankStart, r), at(rankStart, r + 1));
    if (cluster) row.sort((a, b) => at(cluster, a) - at(cluster, b));
    number(row);
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    const start = down ? graph.inStart : graph.outStart;
    const nodes = down ? graph.inNodes : graph.outNodes;
    for (let i = 0; i < rankCount; i++) {
      const r = down ? i : rankCount - 1 - i;
      const row = rankNodes.subarray(at(rankStart, r), at(rankStart, r + 1));
      if (row.length < 2) continue;
      for (const v of row) wanted[v] = barycentre(v, start, nodes, ranks.rank, position);
      row.sort(
        (a, b) =>
          (cluster ? at(cluster, a) - at(cluster, b) : 0) ||
          at(wanted, a) - at(wanted, b) ||
          at(position, a) - at(position, b),
      );
      number(row);
    }
  }
}

/** Mean position of the near neighbours; the node's own if it has none. */
function barycentre(
  v: number,
  start: Int32Array,
  nodes: Int32Array,
  rank: Int32Array,
  position: Float64Array,
): number {
  let sum = 0;
  let count = 0;
  for (let k = at(start, v); k < at(start, v + 1); k++) {
    const u = at(nodes, k);
    if (Math.abs(at(rank, u) - at(rank, v)) > SHORT_SPAN_RANKS) continue;
    sum += at(position, u);
    count++;
  }
  return count > 0 ? sum / count : at(position, v);
}
