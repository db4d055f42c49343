import type { Adjacency } from "./adjacency.ts";
import { at } from "./at.ts";
import { SHORT_SPAN_RANKS } from "./order.ts";
import type { Ranks } from "./ranks.ts";

const PASSES = 4;

export interface PlaceInput {
  readonly graph: Adjacency;
  readonly ranks: Ranks;
  /** Node of each rank that stays at x = 0. */
  readonly spine: Int32Array;
  readonly widths: Float64Array;
  /** Least distance between two boxes of a row, in px. */
  readonly gap: number;
}

/**
 * Centre x of every node, in px, the spine at 0. Each row is the least-squares answer to "sit at the mean of your near
 * neighbours, keep your order and your distance"; rows are visited down, up, down, up, so that side chains settle.
 */
export function placeNodes({ graph, ranks, spine, widths, gap }: PlaceInput): Float64Array {
  const { rankCount, rankStart, rankNodes } = ranks;
  const x = new Float64Array(graph.nodeCount);
  for (let pass = 0; pass < PASSES; pass++) {
    const down = pass % 2 === 0;
    for (let i = 0; i < rankCount; i++) {
      const r = down ? i : rankCount - 1 - i;
      const row = rankNodes.subarray(at(rankStart, r), at(rankStart, r + 1));
      if (row.length < 2) continue;
      const wanted = Array.from(row, (v) => wantedX(v, graph, ranks.rank, x, pass));
      placeRow({ row, wanted, widths, gap, fixed: row.indexOf(at(spine, r)) }, x);
    }
  }
  return x;
}

function wantedX(v: number, graph: Adjacency, rank: Int32Array, x: Float64Array, pass: number): number {
  let sum = 0;
  let weight = 0;
  const add = (u: number) => {
    if (Math.abs(at(rank, u) - at(rank, v)) > SHORT_SPAN_RANKS) return;
    sum += at(x, u);
    weight++;
  };
  for (let k = at(graph.inStart, v); k < at(graph.inStart, v + 1); k++) add(at(graph.inNodes, k));
  // The first pass knows nothing yet of the rows below.
  if (pass > 0)
    for (let k = at(graph.outStart, v); k < at(graph.outStart, v + 1); k++) add(at(graph.outNodes, k));
  return weight > 0 ? sum / weight : at(x, v);
}

interface Row {
  readonly row: Int32Array;
  readonly wanted: readonly number[];
  readonly widths: Float64Array;
  readonly gap: number;
  /** Index of the node that stays at 0. */
  readonly fixed: number;
}

/**
 * With z = x − (packed position), "keep your distance" reads "z does not decrease": isotonic regression, solved by pooling
 * adjacent violators. The fixed node bounds its left side by z ≤ 0 and its right side by z ≥ 0, and the bounded
 * answer is the unbounded one, clamped.
 */
function placeRow({ row, wanted, widths, gap, fixed }: Row, x: Float64Array): void {
  const packed = new Float64Array(row.length);
  for (let i = 1; i < row.length; i++) {
    packed[i] = at(packed, i - 1) + (at(widths, at(row, i - 1)) + at(widths, at(row, i))) / 2 + gap;
  }
  const origin = at(packed, fixed);
  const offset = packed.map((p) => p - origin);
  const z = Float64Array.from(wanted, (w, i) => w - at(offset, i));
  poolAdjacentViolators(z.subarray(0, fixed));
  poolAdjacentViolators(z.subarray(fixed + 1));
  for (let i = 0; i < row.length; i++) {
    const bounded = i < fixed ? Math.min(at(z, i), 0) : i > fixed ? Math.max(at(z, i), 0) : 0;
    x[at(row, i)] = at(offset, i) + bounded;
  }
}

/** Replaces z by the non-decreasing sequence nearest to it in the least-squares sense. Linear time. */
export function poolAdjacentViolators(z: Float64Array): void {
  const sums = new Float64Array(z.length);
  const counts = new Int32Array(z.length);
  let blocks = 0;
  for (const value of z) {
    let sum = value;
    let count = 1;
    while (blocks > 0 && at(sums, blocks - 1) / at(counts, blocks - 1) > sum / count) {
      blocks--;
      sum += at(sums, blocks);
      count += at(counts, blocks);
    }
    sums[blocks] = sum;
    counts[blocks] = count;
    blocks++;
  }
  let i = 0;
  for (let b = 0; b < blocks; b++) {
    const mean = at(sums, b) / at(counts, b);
    for (let k = at(counts, b); k > 0; k--) z[i++] = mean;
  }
}
