import { at } from "./at.ts";

/** Neighbours of every node, both ways. The order inside a list depends on node indices, not on the order of edges. */
export interface Adjacency {
  readonly nodeCount: number;
  /** Consumers of v: outNodes[outStart[v] … outStart[v + 1]], ascending. */
  readonly outStart: Int32Array;
  readonly outNodes: Int32Array;
  /** Producers of v: inNodes[inStart[v] … inStart[v + 1]], ascending. */
  readonly inStart: Int32Array;
  readonly inNodes: Int32Array;
}

/** Linear time: two bucket passes sort both lists. Edges from a node to itself are left out. */
export function adjacencyOf(nodeCount: number, edges: Int32Array): Adjacency {
  const kept = edges.length / 2;
  const outStart = new Int32Array(nodeCount + 1);
  const inStart = new Int32Array(nodeCount + 1);
  for (let e = 0; e < kept; e++) {
    const s = at(edges, 2 * e);
    const t = at(edges, 2 * e + 1);
    if (s === t) continue;
    outStart[s + 1] = at(outStart, s + 1) + 1;
    inStart[t + 1] = at(inStart, t + 1) + 1;
  }
  for (let v = 0; v < nodeCount; v++) {
    outStart[v + 1] = at(outStart, v + 1) + at(outStart, v);
    inStart[v + 1] = at(inStart, v + 1) + at(inStart, v);
  }
  const unsorted = new Int32Array(at(outStart, nodeCount));
  const fill = outStart.slice();
  for (let e = 0; e < kept; e++) {
    const s = at(edges, 2 * e);
    const t = at(edges, 2 * e + 1);
    if (s !== t) unsorted[append(fill, s)] = t;
  }
  const inNodes = transpose(nodeCount, outStart, unsorted, inStart);
  const outNodes = transpose(nodeCount, inStart, inNodes, outStart);
  return { nodeCount, outStart, outNodes, inStart, inNodes };
}

/** Lists of the other direction; ascending, since nodes are visited in ascending order. */
function transpose(
  nodeCount: number,
  start: Int32Array,
  lists: Int32Array,
  otherStart: Int32Array,
): Int32Array {
  const result = new Int32Array(lists.length);
  const fill = otherStart.slice();
  for (let v = 0; v < nodeCount; v++) {
    for (let k = at(start, v); k < at(start, v + 1); k++) result[append(fill, at(lists, k))] = v;
  }
  return result;
}

function append(fill: Int32Array, list: number): number {
  const k = at(fill, list);
  fill[list] = k + 1;
  return k;
}
