import type { DrawInput, Visible } from "./draw-scene.ts";
import { edgeAnchor, edgeLines } from "./edge-path.ts";
import type { Painter, Stroke } from "./painter.ts";

/** Half the length of a cut's line across an edge, in world px. */
const CUT_HALF = { split: 34, crossing: 14 } as const;
const DASH = { proposed: [7, 5], removed: [2, 4], cut: [6, 4] } as const;

/** Plain edges in one stroke, arrow heads where they can be seen. */
export function drawEdges(painter: Painter, { picture, palette }: DrawInput, visible: Visible): void {
  const { layout } = picture;
  const shape = visible.detail === "boxes" ? "straight" : "curved";
  const lines = visible.edges.flatMap((e) => edgeLines(layout, e));
  painter.edges(lines, { color: palette.edge, width: visible.detail === "boxes" ? 0.7 : 1.2 }, shape);
  if (visible.detail !== "text") return;
  const tips = visible.edges.flatMap((e) => {
    const last = 2 * (layout.pointStart[e + 1] ?? 0) - 2;
    return [layout.points[last] ?? 0, layout.points[last + 1] ?? 0];
  });
  painter.arrows(tips, palette.edge);
}

/** Selected, hovered, cached and cut edges over the plain ones. A mark differs by pattern, not by colour alone. */
export function drawMarkedEdges(painter: Painter, input: DrawInput, visible: Visible): void {
  const { picture, marks, palette, selection, hover } = input;
  const { scene, layout } = picture;
  const hovered = hover?.kind === "edge" ? scene.edges[hover.edge]?.value : undefined;
  const draw = (e: number, stroke: Stroke) => painter.edges(edgeLines(layout, e), stroke, "curved");
  const cuts: number[] = [];
  for (const e of visible.edges) {
    const value = scene.edges[e]?.value ?? "";
    if (selection?.kind === "value" && selection.id === value) draw(e, { color: palette.accent, width: 7 });
    else if (hovered === value) draw(e, { color: palette.accent, width: 3 });
    drawCache(painter, input, visible, e);
    if (marks.crossing.has(value) || marks.splits.has(value)) {
      draw(e, { color: palette.split, width: 2.5 });
      const { x, y } = edgeAnchor(layout, e);
      const half = marks.splits.has(value) ? CUT_HALF.split : CUT_HALF.crossing;
      cuts.push(x - half, y, x + half, y);
    }
  }
  painter.lines(cuts, { color: palette.split, width: 2, dash: DASH.cut });
}

/** A double line: a thick stroke with the background in its middle. */
function drawCache(
  painter: Painter,
  { picture, marks, palette }: DrawInput,
  { detail }: Visible,
  e: number,
): void {
  const mark = marks.caches.get(picture.scene.edges[e]?.value ?? "");
  if (!mark) return;
  const lines = edgeLines(picture.layout, e);
  if (detail === "boxes") {
    const dash = mark.state === "accepted" || mark.state === "forced" ? {} : { dash: [4, 3] };
    painter.edges(lines, { color: palette.cache, width: 2.2, ...dash }, "curved");
    return;
  }
  if (mark.state === "removed") {
    painter.edges(lines, { color: palette.cache, width: 2, dash: DASH.removed }, "curved");
    return;
  }
  const dash = mark.state === "proposed" ? { dash: DASH.proposed } : {};
  painter.edges(lines, { color: palette.background, width: 5 }, "curved");
  painter.edges(lines, { color: palette.cache, width: 5, ...dash }, "curved");
  painter.edges(lines, { color: palette.background, width: 1.8 }, "curved");
}
