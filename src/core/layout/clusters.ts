import { at } from "./at.ts";
import type { Ranks } from "./ranks.ts";

/** Nodes that are drawn inside a frame which holds no other node. */
export interface Clusters {
  /** 2 per cluster: its first node, and the one behind its last. Outer ones before those that they hold. */
  readonly ranges: Int32Array;
  /** Of every node: its innermost cluster, counted from 1; 0 outside of all. */
  readonly innermost: Int32Array;
}

/** Clusters are nested or apart. */
export function clustersOf(nodeCount: number, ranges: Int32Array): Clusters {
  const pairs = Array.from({ length: ranges.length / 2 }, (_, c) => [
    at(ranges, 2 * c),
    at(ranges, 2 * c + 1),
  ]);
  pairs.sort(([a = 0, b = 0], [c = 0, d = 0]) => a - c || d - b);
  const innermost = new Int32Array(nodeCount);
  for (const [c, [first, end]] of pairs.entries()) innermost.fill(c + 1, first, end);
  return { ranges: Int32Array.from(pairs.flat()), innermost };
}

export interface Separation {
  readonly clusters: Clusters;
  readonly ranks: Ranks;
  readonly widths: Float64Array;
  /** Least distance between a cluster and what stands left of it, in px. */
  readonly gap: number;
}

/**
 * Moves every cluster as a whole to the right of all that its rows hold besides, where it is not there yet. Rows must be
 * ordered by innermost cluster. Linear in the nodes and rows of each cluster.
 */
export function separateClusters({ clusters, ranks, widths, gap }: Separation, x: Float64Array): void {
  const { ranges, innermost } = clusters;
  const { rank, rankCount } = ranks;
  /** Right border, in every row, of all that stands left of the clusters to come. */
  const taken = new Float64Array(rankCount).fill(Number.NEGATIVE_INFINITY);
  const right = (v: number) => at(x, v) + at(widths, v) / 2;
  const take = (v: number) => {
    taken[at(rank, v)] = Math.max(at(taken, at(rank, v)), right(v));
  };
  for (let v = 0; v < x.length; v++) if (at(innermost, v) === 0) take(v);
  const open: number[] = [];
  const closeBefore = (node: number) => {
    while (open.length > 0 && at(ranges, 2 * (open.at(-1) ?? 0) + 1) <= node) {
      const [first, end] = rangeOf(ranges, open.pop() ?? 0);
      const { top, bottom } = rowsOf(rank, first, end);
      let border = Number.NEGATIVE_INFINITY;
      for (let v = first; v < end; v++) border = Math.max(border, right(v));
      for (let r = top; r <= bottom; r++) taken[r] = Math.max(at(taken, r), border);
    }
  };
  for (let c = 0; c < ranges.length / 2; c++) {
    const [first, end] = rangeOf(ranges, c);
    closeBefore(first);
    const { top, bottom } = rowsOf(rank, first, end);
    let left = Number.POSITIVE_INFINITY;
    for (let v = first; v < end; v++) left = Math.min(left, at(x, v) - at(widths, v) / 2);
    let border = Number.NEGATIVE_INFINITY;
    for (let r = top; r <= bottom; r++) border = Math.max(border, at(taken, r));
    const shift = border + gap - left;
    if (shift > 0) for (let v = first; v < end; v++) x[v] = at(x, v) + shift;
    for (let v = first; v < end; v++) if (at(innermost, v) === c + 1) take(v);
    open.push(c);
  }
}

function rangeOf(ranges: Int32Array, c: number): readonly [first: number, end: number] {
  return [at(ranges, 2 * c), at(ranges, 2 * c + 1)];
}

function rowsOf(
  rank: Int32Array,
  first: number,
  end: number,
): { readonly top: number; readonly bottom: number } {
  let [top, bottom] = [Number.POSITIVE_INFINITY, -1];
  for (let v = first; v < end; v++) {
    top = Math.min(top, at(rank, v));
    bottom = Math.max(bottom, at(rank, v));
  }
  return { top, bottom };
}
