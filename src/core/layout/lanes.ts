import { at } from "./at.ts";
import type { Columns } from "./columns.ts";
import type { Ranks } from "./ranks.ts";

/** Distance between two parallel lanes, and between a lane and a box, in px. */
const LANE_GAP = 12;
/** Longer edges leave the contour for the gutter at the right of their column. */
const CONTOUR_SPAN_RANKS = 64;
/** More parallel lanes than this are no help to the eye: the rest become portals. */
const MAX_GUTTER_LANES = 24;
/** px of detour that the left side must save before it is taken, so that most lanes stand at the right. */
const LEFT_RELUCTANCE = 8;

/** How an edge travels. */
export type Travel = 0 | 1 | 2;
/** From one row to the next. */
export const DIRECT: Travel = 0;
/** Past other rows, in a vertical lane beside them. */
export const LANE: Travel = 1;
/** Not drawn as a line. */
export const PORTAL: Travel = 2;

export interface Lanes {
  readonly travel: Uint8Array;
  /** x of the lane of each edge that has one. */
  readonly laneX: Float64Array;
}

/** Leftmost and rightmost px of every row, boxes and lanes; lanes widen it. */
export interface Contour {
  readonly left: Float64Array;
  readonly right: Float64Array;
}

export function contourOf(ranks: Ranks, x: Float64Array, widths: Float64Array): Contour {
  const left = new Float64Array(ranks.rankCount).fill(Number.POSITIVE_INFINITY);
  const right = new Float64Array(ranks.rankCount).fill(Number.NEGATIVE_INFINITY);
  for (let v = 0; v < x.length; v++) {
    const r = at(ranks.rank, v);
    left[r] = Math.min(at(left, r), at(x, v) - at(widths, v) / 2);
    right[r] = Math.max(at(right, r), at(x, v) + at(widths, v) / 2);
  }
  return { left, right };
}

/** Gives every edge that passes a row a lane of its own, short spans next to the boxes. Widens `contour`. */
export function assignLanes(
  edges: Int32Array,
  ranks: Ranks,
  columns: Columns,
  x: Float64Array,
  contour: Contour,
): Lanes {
  const edgeCount = edges.length / 2;
  const travel = new Uint8Array(edgeCount);
  const laneX = new Float64Array(edgeCount);
  const firstRank = (e: number) => at(ranks.rank, at(edges, 2 * e));
  const lastRank = (e: number) => at(ranks.rank, at(edges, 2 * e + 1));
  const passing: number[] = [];
  for (let e = 0; e < edgeCount; e++) {
    const a = firstRank(e);
    const b = lastRank(e);
    const sameColumn = at(columns.columnOfRank, a) === at(columns.columnOfRank, b);
    travel[e] = !sameColumn || b <= a ? PORTAL : b === a + 1 ? DIRECT : LANE;
    if (travel[e] === LANE) passing.push(e);
  }
  const byEnds = (d: number, e: number) =>
    at(edges, 2 * d) - at(edges, 2 * e) || at(edges, 2 * d + 1) - at(edges, 2 * e + 1) || d - e;
  const span = (e: number) => lastRank(e) - firstRank(e);
  const near = passing.filter((e) => span(e) <= CONTOUR_SPAN_RANKS);
  near.sort((d, e) => span(d) - span(e) || byEnds(d, e));
  for (const e of near) {
    const ends = [at(x, at(edges, 2 * e)), at(x, at(edges, 2 * e + 1))] as const;
    laneX[e] = contourLane(firstRank(e) + 1, lastRank(e) - 1, ends, contour);
  }
  const far = passing.filter((e) => span(e) > CONTOUR_SPAN_RANKS);
  far.sort((d, e) => firstRank(d) - firstRank(e) || byEnds(d, e));
  gutterLanes(far, firstRank, lastRank, columns, contour, { travel, laneX });
  return { travel, laneX };
}

/** Lane beside rows first … last, on the side with the smaller detour; the contour grows by it. */
function contourLane(
  first: number,
  last: number,
  [from, to]: readonly [number, number],
  { left, right }: Contour,
): number {
  let l = Number.POSITIVE_INFINITY;
  let r = Number.NEGATIVE_INFINITY;
  for (let k = first; k <= last; k++) {
    l = Math.min(l, at(left, k));
    r = Math.max(r, at(right, k));
  }
  // An end that already lies outside is gone to straight.
  const atRight = Math.max(r + LANE_GAP, Math.min(from, to));
  const atLeft = Math.min(l - LANE_GAP, Math.max(from, to));
  const detour = (lane: number) => Math.abs(lane - from) + Math.abs(lane - to);
  const takeLeft = detour(atLeft) + LEFT_RELUCTANCE < detour(atRight);
  for (let k = first; k <= last; k++) {
    if (takeLeft) left[k] = Math.min(at(left, k), atLeft);
    else right[k] = Math.max(at(right, k), atRight);
  }
  return takeLeft ? atLeft : atRight;
}

/** Interval colouring: the innermost lane of the column's gutter that is free over the edge's rows. */
function gutterLanes(
  sorted: readonly number[],
  firstRank: (e: number) => number,
  lastRank: (e: number) => number,
  columns: Columns,
  { right }: Contour,
  result: Lanes,
): void {
  const edgeOfColumn = new Float64Array(columns.columnCount).fill(Number.NEGATIVE_INFINITY);
  for (let r = 0; r < right.length; r++) {
    const c = at(columns.columnOfRank, r);
    edgeOfColumn[c] = Math.max(at(edgeOfColumn, c), at(right, r));
  }
  let column = -1;
  let freeFrom: number[] = [];
  for (const e of sorted) {
    const [a, b] = [firstRank(e), lastRank(e)];
    const c = at(columns.columnOfRank, a);
    if (c !== column) [column, freeFrom] = [c, []];
    const free = freeFrom.findIndex((rank) => rank <= a);
    const lane = free < 0 ? freeFrom.length : free;
    if (lane >= MAX_GUTTER_LANES) {
      result.travel[e] = PORTAL;
      continue;
    }
    freeFrom[lane] = b;
    const x = at(edgeOfColumn, c) + LANE_GAP * (lane + 1.5);
    result.laneX[e] = x;
    for (let r = a + 1; r < b; r += 1) right[r] = Math.max(at(right, r), x);
  }
}
