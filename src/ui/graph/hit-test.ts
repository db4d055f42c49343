import type { Layout } from "../../core/layout/layout.ts";
import { distanceToLine, edgeLines, nodeRect } from "./edge-path.ts";
import type { SpatialIndex } from "./spatial-index.ts";
import { type Point, toWorld, type View } from "./viewport.ts";

const TOLERANCE_PX = 6;

export type Hit =
  | { readonly kind: "node"; readonly node: number }
  | { readonly kind: "edge"; readonly edge: number };

export interface HitInput {
  readonly layout: Layout;
  readonly sizes: Float32Array;
  readonly index: SpatialIndex;
  readonly view: View;
  /** Edges that are preferred over nearer ones. */
  readonly isMarked: (edge: number) => boolean;
}

/** Box under the pointer, else the nearest edge within 6 screen px; a marked edge beats an unmarked one. */
export function hitTest({ layout, sizes, index, view, isMarked }: HitInput, screen: Point): Hit | undefined {
  const at = toWorld(view, screen);
  const reach = TOLERANCE_PX / view.scale;
  const around = { left: at.x - reach, top: at.y - reach, right: at.x + reach, bottom: at.y + reach };
  for (const node of index.nodesIn(around)) {
    const box = nodeRect(layout, sizes, node);
    if (at.x >= box.left && at.x <= box.right && at.y >= box.top && at.y <= box.bottom)
      return { kind: "node", node };
  }
  let best: { edge: number; distance: number; marked: boolean } | undefined;
  for (const edge of index.edgesIn(around)) {
    const distance = Math.min(...edgeLines(layout, edge).map((line) => distanceToLine(line, at)));
    if (distance > reach) continue;
    const marked = isMarked(edge);
    const better = !best || (marked === best.marked ? distance < best.distance : marked);
    if (better) best = { edge, distance, marked };
  }
  return best && { kind: "edge", edge: best.edge };
}
