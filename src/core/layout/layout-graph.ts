import { adjacencyOf } from "./adjacency.ts";
import { at } from "./at.ts";
import { clustersOf, separateClusters } from "./clusters.ts";
import { autoWrapHeight, type Columns, rowHeights, wrapColumns } from "./columns.ts";
import { assignLanes, type Contour, contourOf, PORTAL } from "./lanes.ts";
import type { Layout, LayoutInput, LayoutOptions } from "./layout.ts";
import { orderRanks } from "./order.ts";
import { placeNodes } from "./place.ts";
import { assignPorts } from "./ports.ts";
import { assignRanks } from "./ranks.ts";
import { routeEdges } from "./routes.ts";
import { findSpine } from "./spine.ts";

/** Least distance between two boxes of a row, between two columns, and round the whole, in px. */
const NODE_GAP = 20;
const COLUMN_GAP = 96;
/** Least distance between a cluster and the boxes beside it: room for its frame and those inside. */
const CLUSTER_GAP = 48;
const MARGIN = 32;
/** Rows over which a column's width is estimated. */
const WIDTH_WINDOW_RANKS = 48;

/**
 * Layered layout in linear time for graphs that are nearly chains: longest-path ranks, barycentre order, least-squares
 * placement round a straight spine, side lanes for edges that pass rows, columns.
 *
 * Depends on structure and sizes only. Reordering edges moves no node; ties between nodes are broken by index.
 * No recursion: depth is bounded by memory alone.
 */
export function layoutGraph(input: LayoutInput, options: LayoutOptions): Layout {
  const { edges, sizes } = input;
  const nodeCount = sizes.length / 2;
  const widths = Float64Array.from({ length: nodeCount }, (_, v) => at(sizes, 2 * v));
  const heights = Float64Array.from({ length: nodeCount }, (_, v) => at(sizes, 2 * v + 1));
  const graph = adjacencyOf(nodeCount, edges);
  const { order = new Int32Array(0) } = input;
  const ordered = order.length > 0 ? adjacencyOf(nodeCount, joined(edges, order)) : graph;
  const ranks = assignRanks(ordered);
  const clusters = input.clusters && clustersOf(nodeCount, input.clusters);
  orderRanks(graph, ranks, clusters?.innermost);
  const x = placeNodes({ graph, ranks, spine: findSpine(graph, ranks), widths, gap: NODE_GAP });
  if (clusters) separateClusters({ clusters, ranks, widths, gap: CLUSTER_GAP }, x);

  const rows = rowHeights(ranks, heights);
  const contour = contourOf(ranks, x, widths);
  const wrapHeight =
    options.wrapHeight === "auto" ? autoWrapHeight(rows, usualWidth(contour)) : options.wrapHeight;
  const columns = wrapColumns(ranks, edges, rows, wrapHeight);
  const lanes = assignLanes(edges, ranks, columns, x, contour);
  const ports = assignPorts(edges, lanes, x, widths);
  const { columnShift, width } = shiftColumns(columns, contour);

  const centers = new Float32Array(2 * nodeCount);
  const column = new Int32Array(nodeCount);
  for (let v = 0; v < nodeCount; v++) {
    const r = at(ranks.rank, v);
    column[v] = at(columns.columnOfRank, r);
    x[v] = at(x, v) + at(columnShift, at(column, v));
    centers[2 * v] = at(x, v);
    centers[2 * v + 1] = MARGIN + (at(columns.top, r) + at(columns.bottom, r)) / 2;
  }
  const shape = { edges, ranks, columns, lanes, ports, x, heights, columnShift, marginTop: MARGIN };
  return {
    centers,
    rank: ranks.rank,
    column,
    columnCount: columns.columnCount,
    ...routeEdges(shape),
    portal: lanes.travel.map((t) => (t === PORTAL ? 1 : 0)),
    width,
    height: columns.bottom.reduce((most, y) => Math.max(most, y), 0) + 2 * MARGIN,
  };
}

function joined(a: Int32Array, b: Int32Array): Int32Array {
  const both = new Int32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Puts the columns side by side, each as wide as its boxes and lanes. */
function shiftColumns(columns: Columns, contour: Contour): { columnShift: Float64Array; width: number } {
  const left = new Float64Array(columns.columnCount).fill(Number.POSITIVE_INFINITY);
  const right = new Float64Array(columns.columnCount).fill(Number.NEGATIVE_INFINITY);
  for (let r = 0; r < columns.columnOfRank.length; r++) {
    const c = at(columns.columnOfRank, r);
    left[c] = Math.min(at(left, c), at(contour.left, r));
    right[c] = Math.max(at(right, c), at(contour.right, r));
  }
  let next = MARGIN;
  const columnShift = left.map((l, c) => {
    const shift = next - l;
    next += at(right, c) - l + COLUMN_GAP;
    return shift;
  });
  return { columnShift, width: columns.columnCount === 0 ? 2 * MARGIN : next - COLUMN_GAP + MARGIN };
}

/** Mean, over windows of rows, of the width that holds all boxes of the window. */
function usualWidth({ left, right }: Contour): number {
  let [sum, windows] = [0, 0];
  for (let r = 0; r < left.length; r += WIDTH_WINDOW_RANKS) {
    const l = left.subarray(r, r + WIDTH_WINDOW_RANKS).reduce((a, b) => Math.min(a, b));
    const h = right.subarray(r, r + WIDTH_WINDOW_RANKS).reduce((a, b) => Math.max(a, b));
    sum += h - l;
    windows++;
  }
  return windows > 0 ? sum / windows + COLUMN_GAP : 0;
}
