import { at } from "./at.ts";
import type { Columns } from "./columns.ts";
import { LANE, type Lanes, PORTAL } from "./lanes.ts";
import type { Ports } from "./ports.ts";
import type { Ranks } from "./ranks.ts";

/** Length of a portal's visible stub, in px. */
const STUB = 12;

export interface RouteInput {
  readonly edges: Int32Array;
  readonly ranks: Ranks;
  readonly columns: Columns;
  readonly lanes: Lanes;
  readonly ports: Ports;
  /** Final centre x of nodes; lanes of column c are still to be moved by columnShift[c]. */
  readonly x: Float64Array;
  readonly heights: Float64Array;
  readonly columnShift: Float64Array;
  readonly marginTop: number;
}

/** Way points of every edge, as Layout describes them. */
export function routeEdges(input: RouteInput): { pointStart: Int32Array; points: Float32Array } {
  const { edges, ranks, columns, lanes, ports, x, heights, columnShift, marginTop } = input;
  const edgeCount = edges.length / 2;
  const pointStart = new Int32Array(edgeCount + 1);
  // At most: box, row, lane, lane, row, box.
  const points = new Float32Array(edgeCount * 12);
  let count = 0;
  const add = (px: number, py: number) => {
    points[2 * count] = px;
    points[2 * count + 1] = py;
    count++;
  };
  for (let e = 0; e < edgeCount; e++) {
    const s = at(edges, 2 * e);
    const t = at(edges, 2 * e + 1);
    const a = at(ranks.rank, s);
    const b = at(ranks.rank, t);
    const fromX = at(x, s) + at(ports.source, e);
    const toX = at(x, t) + at(ports.target, e);
    const rowEnd = marginTop + at(columns.bottom, a);
    const rowBegin = marginTop + at(columns.top, b);
    const fromY = marginTop + (at(columns.top, a) + at(columns.bottom, a) + at(heights, s)) / 2;
    const toY = marginTop + (at(columns.top, b) + at(columns.bottom, b) - at(heights, t)) / 2;
    add(fromX, fromY);
    if (lanes.travel[e] === PORTAL) {
      add(fromX, rowEnd + STUB);
      add(toX, rowBegin - STUB);
    } else {
      if (fromY < rowEnd) add(fromX, rowEnd);
      if (lanes.travel[e] === LANE) {
        const laneX = at(lanes.laneX, e) + at(columnShift, at(columns.columnOfRank, a));
        add(laneX, marginTop + at(columns.top, a + 1));
        add(laneX, marginTop + at(columns.bottom, b - 1));
      }
      if (rowBegin < toY) add(toX, rowBegin);
    }
    add(toX, toY);
    pointStart[e + 1] = count;
  }
  return { pointStart, points: points.slice(0, 2 * count) };
}
