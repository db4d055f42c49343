import { nodeRect } from "./edge-path.ts";
import type { Picture } from "./picture.ts";
import type { Rect } from "./viewport.ts";

/** An open group in the picture: one rectangle per column that it reaches into. */
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

/** Rectangles round the boxes of every open group, outer ones first. */
export function framesOf({ scene, layout }: Pick<Picture, "scene" | "layout">): readonly Frame[] {
  const { frames } = scene;
  return frames.map(({ id, label, closes, first, end }) => {
    const inside = frames.filter((f) => f.first >= first && f.end <= end).length - 1;
    const alike = frames.some((f) => f.first === first && f.end < end);
    const head = HEADER + (alike ? SECOND_HEADER : 0);
    const grow = PADDING + PER_LEVEL * Math.min(4, inside);
    const byColumn = new Map<number, Rect>();
    for (let v = first; v < end; v++) {
      const column = layout.column[v] ?? 0;
      const box = nodeRect(layout, scene.layoutInput.sizes, v);
      const known = byColumn.get(column);
      byColumn.set(column, {
        left: Math.min(known?.left ?? Number.POSITIVE_INFINITY, box.left - grow),
        top: Math.min(known?.top ?? Number.POSITIVE_INFINITY, box.top - grow - head),
        right: Math.max(known?.right ?? Number.NEGATIVE_INFINITY, box.right + grow),
        bottom: Math.max(known?.bottom ?? Number.NEGATIVE_INFINITY, box.bottom + grow),
      });
    }
    return { id, label, closes, rects: [...byColumn.values()] };
  });
}
