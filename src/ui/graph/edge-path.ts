import type { Layout } from "../../core/layout/layout.ts";
import type { Point, Rect } from "./viewport.ts";

/** A box of the layout in world px. */
export function nodeRect(layout: Layout, sizes: Float32Array, v: number): Rect {
  const [x, y] = [layout.centers[2 * v] ?? 0, layout.centers[2 * v + 1] ?? 0];
  const [w, h] = [(sizes[2 * v] ?? 0) / 2, (sizes[2 * v + 1] ?? 0) / 2];
  return { left: x - w, top: y - h, right: x + w, bottom: y + h };
}

/** Way points of an edge as x, y, x, y, …. */
export function edgePoints(layout: Layout, e: number): Float32Array {
  return layout.points.subarray(2 * (layout.pointStart[e] ?? 0), 2 * (layout.pointStart[e + 1] ?? 0));
}

/** Lines of an edge that are drawn: all its points, or a portal's two stubs. */
export function edgeLines(layout: Layout, e: number): readonly Float32Array[] {
  const points = edgePoints(layout, e);
  return layout.portal[e] ? [points.subarray(0, 4), points.subarray(4, 8)] : [points];
}

/** Lower control point of an S-curve from one point to another, as a portion of the height: both tangents are vertical. */
export const CURVE_TENSION = 0.55;

/** Point of the segment between two way points at t in [0, 1]. */
export function pointOnSegment(ax: number, ay: number, bx: number, by: number, t: number): Point {
  if (ax === bx) return { x: ax, y: ay + (by - ay) * t };
  const u = 1 - t;
  const pull = (by - ay) * CURVE_TENSION;
  return {
    x: ax * u * u * (u + 3 * t) + bx * t * t * (t + 3 * u),
    y: u * u * u * ay + 3 * u * u * t * (ay + pull) + 3 * u * t * t * (by - pull) + t * t * t * by,
  };
}

const CURVE_SAMPLES = 12;

/** Distance from a point to a drawn line (world px). */
export function distanceToLine(line: Float32Array, { x, y }: Point): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i + 3 < line.length; i += 2) {
    const [ax, ay, bx, by] = [line[i] ?? 0, line[i + 1] ?? 0, line[i + 2] ?? 0, line[i + 3] ?? 0];
    const steps = ax === bx ? 1 : CURVE_SAMPLES;
    let from = { x: ax, y: ay };
    for (let s = 1; s <= steps; s++) {
      const to = pointOnSegment(ax, ay, bx, by, s / steps);
      best = Math.min(best, distanceToSegment(x, y, from, to));
      from = to;
    }
  }
  return best;
}

function distanceToSegment(x: number, y: number, a: Point, b: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / length));
  return Math.hypot(x - a.x - t * dx, y - a.y - t * dy);
}

/** The edge of a value that carries its label, chip and selection: the straightest that is drawn as a line, if any is. */
export function anchorEdge(layout: Layout, edges: readonly number[]): number | undefined {
  const sideways = (e: number) => {
    const points = edgePoints(layout, e);
    const detour = layout.portal[e] ? 1e6 : points.length * 1e3;
    return detour + Math.abs((points.at(-2) ?? 0) - (points[0] ?? 0));
  };
  return edges.reduce<number | undefined>(
    (best, e) => (best === undefined || sideways(e) < sideways(best) ? e : best),
    undefined,
  );
}

/** Where a value's glyph sits: halfway along the first curve below its producer. */
export function edgeAnchor(layout: Layout, e: number): Point {
  const points = edgePoints(layout, e);
  if (points.length < 4) return { x: 0, y: 0 };
  const first = points[0] === points[2] && points.length > 4 && !layout.portal[e] ? 2 : 0;
  return pointOnSegment(
    points[first] ?? 0,
    points[first + 1] ?? 0,
    points[first + 2] ?? 0,
    points[first + 3] ?? 0,
    0.5,
  );
}
