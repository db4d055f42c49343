import { at } from "./at.ts";
import { DIRECT, LANE, type Lanes, PORTAL } from "./lanes.ts";

/** Distance between two edges at one side of a box, in px. */
const PORT_GAP = 14;
/** Edges keep this far from a box's corners. */
const CORNER = 6;

/** Where edges leave and enter their boxes, in px from the boxes' middle. */
export interface Ports {
  readonly source: Float64Array;
  readonly target: Float64Array;
}

/**
 * Direct edges meet the middle of a box; edges from lanes stand beside it, on their lane's side, nearer lanes nearer to the
 * middle, so that they do not cross. Portals stand at the left when the middle is taken:
 * labels of values hang at the right.
 */
export function assignPorts(edges: Int32Array, lanes: Lanes, x: Float64Array, widths: Float64Array): Ports {
  const ports: Ports = {
    source: new Float64Array(edges.length / 2),
    target: new Float64Array(edges.length / 2),
  };
  for (const end of [0, 1] as const) {
    assignEnd(edges, end, lanes, x, widths, end === 0 ? ports.source : ports.target);
  }
  spreadTwins(edges, widths, lanes, ports);
  return ports;
}

function assignEnd(
  edges: Int32Array,
  end: 0 | 1,
  { travel, laneX }: Lanes,
  x: Float64Array,
  widths: Float64Array,
  offsets: Float64Array,
): void {
  const nodeOf = (e: number) => at(edges, 2 * e + end);
  const direct = new Int32Array(widths.length);
  const laned = new Int32Array(widths.length);
  const inLanes: number[] = [];
  for (let e = 0; e < offsets.length; e++) {
    const v = nodeOf(e);
    if (travel[e] === DIRECT) direct[v] = at(direct, v) + 1;
    if (travel[e] === LANE) laned[v] = at(laned, v) + 1;
    if (travel[e] === LANE) inLanes.push(e);
  }
  const reach = (v: number) => Math.max(0, at(widths, v) / 2 - CORNER);
  const side = (e: number) => (at(laneX, e) < at(x, nodeOf(e)) ? 1 : 0);
  const away = (e: number) => Math.abs(at(laneX, e) - at(x, nodeOf(e)));
  inLanes.sort((d, e) => away(d) - away(e) || d - e);
  const taken = [new Int32Array(widths.length), new Int32Array(widths.length)] as const;
  for (const e of inLanes) {
    const v = nodeOf(e);
    if (at(direct, v) === 0 && at(laned, v) === 1) continue;
    const count = taken[side(e)];
    count[v] = at(count, v) + 1;
    offsets[e] = (side(e) === 1 ? -1 : 1) * Math.min(at(count, v) * PORT_GAP, reach(v));
  }
  for (let e = 0; e < offsets.length; e++) {
    const v = nodeOf(e);
    if (travel[e] !== PORTAL || at(direct, v) + at(laned, v) === 0) continue;
    offsets[e] = -Math.min(reach(v), (at(taken[1], v) + 1) * PORT_GAP);
  }
}

/** Several values between the same two boxes run side by side. */
function spreadTwins(edges: Int32Array, widths: Float64Array, { travel }: Lanes, ports: Ports): void {
  const nodeCount = widths.length;
  const key = (e: number) => at(edges, 2 * e) * nodeCount + at(edges, 2 * e + 1);
  const counts = new Map<number, number>();
  for (let e = 0; e < travel.length; e++) {
    if (travel[e] === DIRECT) counts.set(key(e), (counts.get(key(e)) ?? 0) + 1);
  }
  const placed = new Map<number, number>();
  for (let e = 0; e < travel.length; e++) {
    const count = counts.get(key(e)) ?? 0;
    if (travel[e] !== DIRECT || count < 2) continue;
    const i = placed.get(key(e)) ?? 0;
    placed.set(key(e), i + 1);
    const narrower = Math.min(at(widths, at(edges, 2 * e)), at(widths, at(edges, 2 * e + 1)));
    const gap = Math.min(PORT_GAP, Math.max(0, narrower - 2 * CORNER) / (count - 1));
    ports.source[e] = (i - (count - 1) / 2) * gap;
    ports.target[e] = at(ports.source, e);
  }
}
