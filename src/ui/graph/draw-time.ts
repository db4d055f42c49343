import type { DrawInput, Visible } from "./draw-scene.ts";
import { edgeLines } from "./edge-path.ts";
import type { Painter, Stroke } from "./painter.ts";
import type { TimeMark } from "./time-label.ts";

const DASH = { perStep: [2, 3], approximate: [8, 3, 2, 3] } as const;

/**
 * Edges by how time runs on them, told by width and pattern as well as by colour: late ones thick, once-per-step ones
 * dotted, approximate ones dash-dotted, what does not depend on time nearly gone.
 */
export function drawTimes(painter: Painter, { picture, marks, palette }: DrawInput, visible: Visible): void {
  const { times } = marks;
  if (!times) return;
  const shape = visible.detail === "boxes" ? "straight" : "curved";
  const near = visible.detail === "boxes" ? 0.6 : 1;
  const stroke = (test: (mark: TimeMark) => boolean, style: Stroke) => {
    const lines = visible.edges.flatMap((e) => {
      const mark = times.get(picture.scene.edges[e]?.value ?? "");
      return mark && test(mark) ? edgeLines(picture.layout, e) : [];
    });
    painter.edges(lines, style, shape);
  };
  const still = (m: TimeMark) => m.kind === "static" || m.kind === "unknown";
  stroke(still, { color: palette.background, width: 2 });
  stroke(still, { color: palette.border, width: 0.6 });
  stroke((m) => m.delay > 0, { color: palette.accent, width: 3 * near });
  const special = (m: TimeMark) => m.kind === "perStep" || m.approximate;
  stroke(special, { color: palette.background, width: 2.4 * near });
  stroke((m) => m.kind === "perStep" && !m.approximate, {
    color: palette.text,
    width: 2 * near,
    dash: DASH.perStep,
  });
  stroke((m) => m.approximate, { color: palette.approximate, width: 2 * near, dash: DASH.approximate });
}
