import type { Layout } from "../../core/layout/layout.ts";
import { nodeRect } from "./edge-path.ts";
import type { SceneFrame } from "./graph-scene.ts";
import type { Picture } from "./picture.ts";
import { around, type Rect } from "./viewport.ts";

/** An open group in the picture: rectangles round its boxes and no others, at least one per column that it reaches into. */
export interface Frame {
  readonly id: string;
  readonly label: string;
  /** What closing it closes. */
  readonly closes: string;
  readonly rects: readonly Rect[];
}

const PADDING = 10;
/** Further round for every level inside, so that frames do not hide each other. */
const PER_LEVEL = 6;
const HEADER = 8;
/** Further up where a frame inside begins with the same box: both heads must be seen. */
const SECOND_HEADER = 20;
/** Least distance between a frame and a box outside of it, in px. */
const CLEARANCE = 2;

/** Boxes of one row from left to right. */
type Row = readonly { readonly node: number; readonly box: Rect }[];

/** Part of a frame while it grows downwards: its boxes, and how far it may reach sideways. */
interface Piece {
  box: Rect;
  readonly firstRow: number;
  lastRow: number;
  readonly column: number;
  low: number;
  high: number;
}

/** Rectangles round the boxes of every open group, outer ones first. */
export function framesOf({ scene, layout }: Pick<Picture, "scene" | "layout">): readonly Frame[] {
  const { frames } = scene;
  if (frames.length === 0) return [];
  const rows = rowsOf(layout, scene.layoutInput.sizes);
  return frames.map((frame) => {
    const { id, label, closes, first, end } = frame;
    const inside = frames.filter((f) => f.first >= first && f.end <= end).length - 1;
    const alike = frames.some((f) => f.first === first && f.end < end);
    const head = HEADER + (alike ? SECOND_HEADER : 0);
    const grow = PADDING + PER_LEVEL * Math.min(4, inside);
    const rects = piecesOf(frame, layout, rows).map((piece) => padded(piece, rows, grow, head));
    return { id, label, closes, rects };
  });
}

function rowsOf(layout: Layout, sizes: Float32Array): readonly Row[] {
  const rows: { node: number; box: Rect }[][] = [];
  for (const [node, rank] of layout.rank.entries()) {
    rows[rank] ??= [];
    rows[rank].push({ node, box: nodeRect(layout, sizes, node) });
  }
  for (const row of rows) row.sort((a, b) => a.box.left - b.box.left);
  return rows;
}

/** Rectangles round neighbours in a row and from row to row, as large as they can be without holding a foreign box. */
function piecesOf({ first, end }: SceneFrame, layout: Layout, rows: readonly Row[]): readonly Piece[] {
  const done: Piece[] = [];
  let growing: Piece[] = [];
  let [top, bottom] = [rows.length, -1];
  for (let v = first; v < end; v++) {
    top = Math.min(top, layout.rank[v] ?? top);
    bottom = Math.max(bottom, layout.rank[v] ?? bottom);
  }
  for (let r = top; r <= bottom; r++) {
    const row = rows[r] ?? [];
    const column = layout.column[row[0]?.node ?? -1] ?? -1;
    const next: Piece[] = [];
    const extended = new Set<Piece>();
    for (const run of runsOf(row, r, column, (v) => v >= first && v < end)) {
      const above = growing.find((piece) => !extended.has(piece) && joins(piece, run));
      if (above) extended.add(above);
      next.push(above ?? run);
    }
    for (const piece of growing) {
      if (extended.has(piece)) continue;
      // A row without boxes of its own between others that have some.
      if (piece.column === column && passes(piece, row)) next.push(piece);
      else done.push(piece);
    }
    growing = next;
  }
  return [...done, ...growing].sort((a, b) => a.firstRow - b.firstRow || a.box.left - b.box.left);
}

/** Neighbours of a row that belong to the frame, with the borders of the boxes beside them. */
function runsOf(row: Row, r: number, column: number, isOwn: (node: number) => boolean): readonly Piece[] {
  const runs: Piece[] = [];
  let open: Piece | undefined;
  let low = Number.NEGATIVE_INFINITY;
  for (const { node, box } of row) {
    if (!isOwn(node)) {
      if (open) open.high = box.left;
      open = undefined;
      low = box.right;
    } else if (open) open.box = around(open.box, box);
    else {
      open = { box, firstRow: r, lastRow: r, column, low, high: Number.POSITIVE_INFINITY };
      runs.push(open);
    }
  }
  return runs;
}

/** Takes a run of the next row in, if no foreign box of either comes to lie inside. */
function joins(piece: Piece, run: Piece): boolean {
  const box = around(piece.box, run.box);
  const [low, high] = [Math.max(piece.low, run.low), Math.min(piece.high, run.high)];
  if (piece.column !== run.column || box.left <= low || box.right >= high) return false;
  Object.assign(piece, { box, low, high, lastRow: run.lastRow });
  return true;
}

/** Whether a row has no box in the way; those beside bound the piece. */
function passes(piece: Piece, row: Row): boolean {
  if (row.some(({ box }) => box.right >= piece.box.left && box.left <= piece.box.right)) return false;
  for (const { box } of row) {
    if (box.right < piece.box.left) piece.low = Math.max(piece.low, box.right);
    else piece.high = Math.min(piece.high, box.left);
  }
  return true;
}

/** A piece with air round it, which ends in the middle of the way to a box beside and before a box above or below. */
function padded(
  { box, low, high, firstRow, lastRow }: Piece,
  rows: readonly Row[],
  grow: number,
  head: number,
) {
  const left = Math.max(box.left - grow, (box.left + low) / 2);
  const right = Math.min(box.right + grow, (box.right + high) / 2);
  const over = (row: Row | undefined) => (row ?? []).filter((b) => b.box.right > left && b.box.left < right);
  const above = over(rows[firstRow - 1]).flatMap((b) => (b.box.bottom < box.top ? [b.box.bottom] : []));
  const below = over(rows[lastRow + 1]).flatMap((b) => (b.box.top > box.bottom ? [b.box.top] : []));
  return {
    left,
    right,
    top: Math.max(box.top - grow - head, ...above.map((y) => y + CLEARANCE)),
    bottom: Math.min(box.bottom + grow, ...below.map((y) => y - CLEARANCE)),
  };
}
