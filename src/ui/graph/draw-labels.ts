import type { DrawInput, Visible } from "./draw-scene.ts";
import { edgeLabel, type LabelPiece } from "./edge-label.ts";
import { edgeAnchor } from "./edge-path.ts";
import type { Painter } from "./painter.ts";
import type { Rect } from "./viewport.ts";

const OFFSET = 8;
const HEIGHT = 13;

/** Name and shape of every value once, beside the edge; a label that would cover another is left out. */
export function drawEdgeLabels(painter: Painter, input: DrawInput, visible: Visible): void {
  const { picture, marks, measure } = input;
  const { scene, layout } = picture;
  const done = new Set<string>();
  const taken: Rect[] = [];
  for (const e of visible.edges) {
    const value = scene.edges[e]?.value ?? "";
    if (done.has(value) || layout.portal[e]) continue;
    // Chips stand where the label would: a cache at the right of its edge, a split at the left.
    const [cached, split] = [marks.caches.has(value), marks.splits.has(value)];
    if (cached && split) continue;
    const pieces = edgeLabel(value, scene.shapes.get(value), marks.timeAxis.get(value), (t) =>
      measure(t, "chip"),
    );
    const width = pieces.reduce((sum, p) => sum + measure(p.text, "chip"), 0);
    const { x, y } = edgeAnchor(layout, e);
    const left = cached ? x - OFFSET - width : x + OFFSET;
    const rect = { left, top: y - HEIGHT / 2, right: left + width, bottom: y + HEIGHT / 2 };
    if (taken.some((t) => overlap(t, rect))) continue;
    done.add(value);
    taken.push(rect);
    drawPieces(painter, input, pieces, left, y);
  }
}

function drawPieces(
  painter: Painter,
  input: DrawInput,
  pieces: readonly LabelPiece[],
  left: number,
  y: number,
): void {
  const { palette, measure } = input;
  let x = left;
  for (const { text, kind } of pieces) {
    const color = kind === "time" ? palette.accent : kind === "name" ? palette.mutedText : palette.text;
    painter.text(text, x, y, { face: "chip", color, ...(kind === "time" ? { weight: "bold" } : {}) });
    x += measure(text, "chip");
  }
}

function overlap(a: Rect, b: Rect): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
