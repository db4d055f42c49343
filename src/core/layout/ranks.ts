import type { Adjacency } from "./adjacency.ts";
import { at } from "./at.ts";

/** Rows of the picture. Row r holds rankNodes[rankStart[r] … rankStart[r + 1]]. */
export interface Ranks {
  readonly rank: Int32Array;
  readonly rankCount: number;
  readonly rankStart: Int32Array;
  readonly rankNodes: Int32Array;
}

/**
 * Longest-path ranks. A private chain of sources (state inputs, constants) is pulled down next to its consumer.
 * Disconnected parts follow each other: each begins below the last rank of the one before, in the order of
 * their first nodes. A cycle, which no valid model has, is opened at its first node.
 */
export function assignRanks(graph: Adjacency): Ranks {
  const { rank, order } = longestPaths(graph);
  pullSources(graph, rank, order);
  stackParts(graph, rank);
  return bucketByRank(rank, order);
}

function longestPaths(graph: Adjacency): { rank: Int32Array; order: Int32Array } {
  const { nodeCount, outStart, outNodes, inStart } = graph;
  const rank = new Int32Array(nodeCount);
  const waiting = Int32Array.from({ length: nodeCount }, (_, v) => at(inStart, v + 1) - at(inStart, v));
  const order = new Int32Array(nodeCount);
  const placed = new Uint8Array(nodeCount);
  let [head, tail, next] = [0, 0, 0];
  const place = (v: number) => {
    if (placed[v]) return;
    placed[v] = 1;
    order[tail++] = v;
  };
  for (let v = 0; v < nodeCount; v++) if (at(waiting, v) === 0) place(v);
  while (tail < nodeCount || head < tail) {
    if (head === tail) {
      while (placed[next]) next++;
      place(next);
    }
    const v = at(order, head++);
    for (let k = at(outStart, v); k < at(outStart, v + 1); k++) {
      const w = at(outNodes, k);
      if (placed[w]) continue;
      rank[w] = Math.max(at(rank, w), at(rank, v) + 1);
      waiting[w] = at(waiting, w) - 1;
      if (at(waiting, w) === 0) place(w);
    }
  }
  return { rank, order };
}

/** Moves sources, and nodes fed only by sources of their own, to the rank before their first consumer. */
function pullSources(graph: Adjacency, rank: Int32Array, order: Int32Array): void {
  const { outStart, outNodes, inStart, inNodes } = graph;
  const movable = new Uint8Array(graph.nodeCount);
  for (const v of order) {
    let free = true;
    for (let k = at(inStart, v); k < at(inStart, v + 1); k++) {
      const u = at(inNodes, k);
      if (!movable[u] || at(outStart, u + 1) - at(outStart, u) !== 1) free = false;
    }
    movable[v] = free ? 1 : 0;
  }
  for (let i = order.length - 1; i >= 0; i--) {
    const v = at(order, i);
    const from = at(outStart, v);
    const to = at(outStart, v + 1);
    if (!movable[v] || from === to) continue;
    let first = at(rank, at(outNodes, from));
    for (let k = from + 1; k < to; k++) first = Math.min(first, at(rank, at(outNodes, k)));
    rank[v] = Math.max(at(rank, v), first - 1);
  }
}

function stackParts(graph: Adjacency, rank: Int32Array): void {
  const part = partsOf(graph);
  const offsets: number[] = [];
  const last: number[] = [];
  for (let v = 0; v < rank.length; v++) last[at(part, v)] = Math.max(last[at(part, v)] ?? 0, at(rank, v));
  let next = 0;
  for (const depth of last) {
    offsets.push(next);
    next += depth + 1;
  }
  for (let v = 0; v < rank.length; v++) rank[v] = at(rank, v) + (offsets[at(part, v)] ?? 0);
}

/** Connected part of every node, numbered by first node. */
function partsOf(graph: Adjacency): Int32Array {
  const { nodeCount, outStart, outNodes, inStart, inNodes } = graph;
  const part = new Int32Array(nodeCount).fill(-1);
  const stack = new Int32Array(nodeCount);
  let parts = 0;
  for (let root = 0; root < nodeCount; root++) {
    if (at(part, root) >= 0) continue;
    let depth = 0;
    const reach = (w: number) => {
      if (at(part, w) >= 0) return;
      part[w] = parts;
      stack[depth++] = w;
    };
    reach(root);
    while (depth > 0) {
      const v = at(stack, --depth);
      for (let k = at(outStart, v); k < at(outStart, v + 1); k++) reach(at(outNodes, k));
      for (let k = at(inStart, v); k < at(inStart, v + 1); k++) reach(at(inNodes, k));
    }
    parts++;
  }
  return part;
}

function bucketByRank(rank: Int32Array, order: Int32Array): Ranks {
  let rankCount = 0;
  for (const r of rank) rankCount = Math.max(rankCount, r + 1);
  const rankStart = new Int32Array(rankCount + 1);
  for (const r of rank) rankStart[r + 1] = at(rankStart, r + 1) + 1;
  for (let r = 0; r < rankCount; r++) rankStart[r + 1] = at(rankStart, r + 1) + at(rankStart, r);
  const fill = rankStart.slice();
  const rankNodes = new Int32Array(rank.length);
  for (const v of order) {
    const r = at(rank, v);
    const k = at(fill, r);
    fill[r] = k + 1;
    rankNodes[k] = v;
  }
  return { rank, rankCount, rankStart, rankNodes };
}
