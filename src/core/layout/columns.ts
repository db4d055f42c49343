import { at } from "./at.ts";
import type { Ranks } from "./ranks.ts";

/** Distance between two rows of boxes, in px: room for an edge's label, a chip or a portal. */
export const RANK_GAP = 44;

/** Column height over the height of a screen that shows it; below it "auto" does not wrap. */
const ONE_COLUMN_HEIGHT = 1100;
/** Height over width of a usual viewport. */
const VIEWPORT_ASPECT = 0.62;
/** Portion of a column that may be given up to break it at a better rank. */
const LOOK_BACK = 0.25;

/** Rows beyond a column's height that stay in it if they are the last: a column of one box is no column. */
const LAST_ROWS = 0.15;

export interface Columns {
  readonly columnOfRank: Int32Array;
  readonly columnCount: number;
  /** Top and bottom of each row of boxes, in px from the top of its column. */
  readonly top: Float64Array;
  readonly bottom: Float64Array;
}

/** Height of every row. */
export function rowHeights(ranks: Ranks, heights: Float64Array): Float64Array {
  const result = new Float64Array(ranks.rankCount);
  for (let v = 0; v < heights.length; v++) {
    const r = at(ranks.rank, v);
    result[r] = Math.max(at(result, r), at(heights, v));
  }
  return result;
}

/** Height of one column such that all columns side by side have about the shape of a screen. */
export function autoWrapHeight(rows: Float64Array, columnWidth: number): number {
  const total = rows.reduce((sum, h) => sum + h + RANK_GAP, 0);
  if (total <= ONE_COLUMN_HEIGHT) return 0;
  return Math.max(ONE_COLUMN_HEIGHT * 0.7, Math.sqrt(total * columnWidth * VIEWPORT_ASPECT));
}

/** Breaks the rows into columns near `wrapHeight` px (0: never), where the fewest edges cross. */
export function wrapColumns(
  ranks: Ranks,
  edges: Int32Array,
  rows: Float64Array,
  wrapHeight: number,
): Columns {
  const { rankCount } = ranks;
  const crossing = edgesAbove(ranks, edges);
  const columnOfRank = new Int32Array(rankCount);
  const top = new Float64Array(rankCount);
  const bottom = new Float64Array(rankCount);
  const left = heightsLeft(rows);
  let [column, y, start] = [0, 0, 0];
  for (let r = 0; r < rankCount; r++) {
    const full = wrapHeight > 0 && y > 0 && y + at(rows, r) > wrapHeight;
    if (full && y + at(left, r) > wrapHeight * (1 + LAST_ROWS)) {
      let best = r;
      for (let k = r - 1; k > start && at(bottom, k - 1) >= wrapHeight * (1 - LOOK_BACK); k--) {
        if (at(crossing, k) < at(crossing, best)) best = k;
      }
      column++;
      [r, start, y] = [best, best, 0];
    }
    columnOfRank[r] = column;
    top[r] = y;
    bottom[r] = y + at(rows, r);
    y += at(rows, r) + RANK_GAP;
  }
  return { columnOfRank, columnCount: rankCount === 0 ? 0 : column + 1, top, bottom };
}

/** Px of every row and all below it. */
function heightsLeft(rows: Float64Array): Float64Array {
  const left = new Float64Array(rows.length);
  let sum = 0;
  for (let r = rows.length - 1; r >= 0; r--) {
    sum += at(rows, r) + RANK_GAP;
    left[r] = sum;
  }
  return left;
}

/** Number of edges that cross from above rank r into it or past it. */
function edgesAbove(ranks: Ranks, edges: Int32Array): Int32Array {
  const change = new Int32Array(ranks.rankCount + 1);
  for (let e = 0; e < edges.length; e += 2) {
    const a = at(ranks.rank, at(edges, e));
    const b = at(ranks.rank, at(edges, e + 1));
    const first = Math.min(a, b) + 1;
    const last = Math.max(a, b) + 1;
    if (first > ranks.rankCount) continue;
    change[first] = at(change, first) + 1;
    if (last <= ranks.rankCount) change[last] = at(change, last) - 1;
  }
  for (let r = 1; r <= ranks.rankCount; r++) change[r] = at(change, r) + at(change, r - 1);
  return change;
}
