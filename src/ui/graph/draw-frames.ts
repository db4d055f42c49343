import type { DrawInput } from "./draw-scene.ts";
import type { Painter } from "./painter.ts";
import { overlap, visibleWorld } from "./viewport.ts";

/** Open groups as dashed rectangles behind everything. */
export function drawFrames(painter: Painter, { picture, palette, view, size }: DrawInput): void {
  const seen = visibleWorld(view, size);
  const rects = picture.frames
    .flatMap((f) => f.rects)
    .filter((r) => overlap(r, seen))
    .flatMap(({ left, top, right, bottom }) => [left, top, right - left, bottom - top]);
  if (rects.length === 0) return;
  painter.boxes(rects, { stroke: { color: palette.border, width: 1, dash: [2, 3] }, radius: 10 });
}
