import type { DrawInput, Visible } from "./draw-scene.ts";
import { edgeAnchor, edgeLines } from "./edge-path.ts";
import type { Painter, Stroke } from "./painter.ts";

/** Half the length of a cut's line across an edge, in world px. */
const CUT_HALF = { split: 34, crossing: 14 } as const;
const DASH = { proposed: [7, 5], removed: [2, 4], cut: [6, 4], tiny: [4, 3] } as const;

/** Plain edges in one stroke, arrow heads where they can be seen. */
export function drawEdges(painter: Painter, { picture, palette }: DrawInput, visible: Visible): void {
  const { layout, overview } = picture;
  const shape = visible.detail === "boxes" ? "straight" : "curved";
  const most = visible.detail === "boxes" && visible.edges.length > overview.lines.length / 2;
  const lines = most ? overview.lines : visible.edges.flatMap((e) => edgeLines(layout, e));
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
  const shape = visible.detail === "boxes" ? "straight" : "curved";
  const stroke = (edges: readonly number[], style: Stroke) => {
    if (edges.length === 0) return;
    painter.edges(
      edges.flatMap((e) => edgeLines(layout, e)),
      style,
      shape,
    );
  };
  const valueName = (e: number) => scene.edges[e]?.value ?? "";
  const selected = selection?.kind === "value" ? selection.id : undefined;
  const { reach } = input;
  if (reach)
    stroke(
      visible.edges.filter((e) => reach.edges.has(e)),
      { color: palette.accent, width: 2.2 },
    );
  const hovered = hover?.kind === "edge" ? valueName(hover.edge) : undefined;
  stroke(
    visible.edges.filter((e) => valueName(e) === selected),
    { color: palette.accent, width: 7 },
  );
  stroke(
    visible.edges.filter((e) => valueName(e) === hovered),
    { color: palette.accent, width: 3 },
  );
  if (marks.caches.size > 0) drawCaches(input, visible, stroke);
  const cut = visible.edges.filter((e) => marks.crossing.has(valueName(e)) || marks.splits.has(valueName(e)));
  stroke(cut, { color: palette.split, width: 2.5 });
  const across = cut.flatMap((e) => {
    const { x, y } = edgeAnchor(layout, e);
    const half = marks.splits.has(valueName(e)) ? CUT_HALF.split : CUT_HALF.crossing;
    return [x - half, y, x + half, y];
  });
  painter.lines(across, { color: palette.split, width: 2, dash: DASH.cut });
}

/** Double lines: a thick stroke with the background in its middle. From afar single ones, solid or dashed. */
function drawCaches(
  { picture, marks, palette }: DrawInput,
  { edges, detail }: Visible,
  stroke: (edges: readonly number[], style: Stroke) => void,
): void {
  const inState = (...states: readonly string[]) =>
    edges.filter((e) => states.includes(marks.caches.get(picture.scene.edges[e]?.value ?? "")?.state ?? ""));
  const [kept, proposed, removed] = [inState("accepted", "forced"), inState("proposed"), inState("removed")];
  if (detail === "boxes") {
    stroke(kept, { color: palette.cache, width: 2.2 });
    stroke([...proposed, ...removed], { color: palette.cache, width: 2.2, dash: DASH.tiny });
    return;
  }
  stroke([...kept, ...proposed, ...removed], { color: palette.background, width: 5 });
  stroke(kept, { color: palette.cache, width: 5 });
  stroke(proposed, { color: palette.cache, width: 5, dash: DASH.proposed });
  stroke([...kept, ...proposed], { color: palette.background, width: 1.8 });
  stroke(removed, { color: palette.cache, width: 2, dash: DASH.removed });
}
