import type { Layout } from "../../core/layout/layout.ts";
import { edgeLines, nodeRect } from "./edge-path.ts";
import type { Rect } from "./viewport.ts";

const CELL_PX = 512;
const MAX_CELLS = 1 << 16;

/** Buckets of boxes and edges: what lies in a rectangle, without walking the graph. */
export interface SpatialIndex {
  /** Boxes whose bucket meets the rectangle, each once. */
  nodesIn(rect: Rect): readonly number[];
  edgesIn(rect: Rect): readonly number[];
}

interface Grid {
  readonly cell: number;
  readonly columns: number;
  readonly rows: number;
}

export function indexLayout(layout: Layout, sizes: Float32Array): SpatialIndex {
  const nodeCount = layout.rank.length;
  const edgeCount = layout.portal.length;
  let cell = CELL_PX;
  while ((layout.width / cell + 1) * (layout.height / cell + 1) > MAX_CELLS) cell *= 2;
  const grid = {
    cell,
    columns: Math.floor(layout.width / cell) + 1,
    rows: Math.floor(layout.height / cell) + 1,
  };
  const nodes = bucket(grid, nodeCount, (v, add) => add(nodeRect(layout, sizes, v)));
  const edges = bucket(grid, edgeCount, (e, add) => {
    for (const line of edgeLines(layout, e)) addSegments(line, add);
  });
  return {
    nodesIn: (rect) => lookUp(grid, nodes, rect),
    edgesIn: (rect) => lookUp(grid, edges, rect),
  };
}

/** One rectangle per segment, so that a long lane does not fill every bucket of its bounding box. */
function addSegments(line: Float32Array, add: (rect: Rect) => void): void {
  for (let i = 0; i + 3 < line.length; i += 2) {
    const [ax, ay, bx, by] = [line[i] ?? 0, line[i + 1] ?? 0, line[i + 2] ?? 0, line[i + 3] ?? 0];
    add({ left: Math.min(ax, bx), top: Math.min(ay, by), right: Math.max(ax, bx), bottom: Math.max(ay, by) });
  }
}

interface Buckets {
  readonly start: Int32Array;
  readonly items: Int32Array;
  /** All 0 between two questions. */
  readonly seen: Uint8Array;
}

function bucket(
  grid: Grid,
  count: number,
  rectsOf: (item: number, add: (rect: Rect) => void) => void,
): Buckets {
  const start = new Int32Array(grid.columns * grid.rows + 1);
  for (let i = 0; i < count; i++) {
    rectsOf(i, (rect) =>
      eachCell(grid, rect, (c) => {
        start[c + 1] = (start[c + 1] ?? 0) + 1;
      }),
    );
  }
  for (let c = 0; c + 1 < start.length; c++) start[c + 1] = (start[c + 1] ?? 0) + (start[c] ?? 0);
  const fill = start.slice();
  const items = new Int32Array(start.at(-1) ?? 0);
  for (let i = 0; i < count; i++) {
    rectsOf(i, (rect) =>
      eachCell(grid, rect, (c) => {
        const k = fill[c] ?? 0;
        fill[c] = k + 1;
        items[k] = i;
      }),
    );
  }
  return { start, items, seen: new Uint8Array(count) };
}

function lookUp(grid: Grid, { start, items, seen }: Buckets, rect: Rect): readonly number[] {
  const found: number[] = [];
  eachCell(grid, rect, (c) => {
    for (let k = start[c] ?? 0; k < (start[c + 1] ?? 0); k++) {
      const item = items[k] ?? 0;
      if (seen[item]) continue;
      seen[item] = 1;
      found.push(item);
    }
  });
  for (const item of found) seen[item] = 0;
  return found;
}

function eachCell({ cell, columns, rows }: Grid, rect: Rect, visit: (cell: number) => void): void {
  const clamp = (value: number, most: number) => Math.min(most, Math.max(0, Math.floor(value / cell)));
  const [right, bottom] = [clamp(rect.right, columns - 1), clamp(rect.bottom, rows - 1)];
  for (let y = clamp(rect.top, rows - 1); y <= bottom; y++) {
    for (let x = clamp(rect.left, columns - 1); x <= right; x++) visit(y * columns + x);
  }
}
