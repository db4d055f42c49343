import { type DrawInput, LABEL_SCALE, type Visible } from "./draw-scene.ts";
import { edgeLabel, type LabelPiece } from "./edge-label.ts";
import { anchorEdge, distanceToLine, edgeAnchor, edgeLines, edgePoints } from "./edge-path.ts";
import type { Painter } from "./painter.ts";
import { boxOf } from "./picture.ts";
import { RectGrid } from "./rect-grid.ts";
import { namedTimePieces, telling, timePieces } from "./time-label.ts";
import { overlap, type Rect, visibleWorld } from "./viewport.ts";

/** Distance from the edge; edges of a cut carry a short line across. */
const OFFSET = { plain: 8, crossing: 18 } as const;
const HEIGHT = 13;
/** Free px between two labels. */
const GAP = 8;
/** World px that a portal's pill may take at the left of a stub. */
const PILL = { width: 130, height: 18 } as const;
/** A line nearer than this to a label's middle line runs through the label. */
const LINE_DISTANCE = 7;
const LINE_SAMPLE = 12;

/** Labels that are shown from afar are enlarged to this scale. */
const LEAST_LABEL_SCALE = 0.8;

/** A value's label at its place. */
export interface PlacedLabel {
  readonly pieces: readonly LabelPiece[];
  readonly rect: Rect;
}

/** Draws the labels of what is in sight. */
export function drawEdgeLabels(painter: Painter, input: DrawInput, visible: Visible): void {
  for (const label of new LabelPlacer(input).place(visible.edges)) drawLabel(painter, input, label);
}

/**
 * Places name and shape of every value once, beside its edge. Preferred in this order: all at the right, all at the left, the
 * shape alone at either side, then all over other lines; never over a box, a chip, a pill or another label, and beyond the
 * picture's border, where it would be cut off, only where nothing else is possible.
 */
export class LabelPlacer {
  readonly #input: DrawInput;
  readonly #done = new Set<string>();
  readonly #taken: RectGrid;
  /** World px from left to right: the picture, and what else the viewport shows beside it. */
  readonly #span: readonly [left: number, right: number];

  constructor(input: DrawInput) {
    this.#input = input;
    this.#taken = new RectGrid(input.covered);
    const { left, right } = visibleWorld(input.view, input.size);
    this.#span = [Math.min(0, left), Math.max(input.picture.layout.width, right)];
  }

  /** Labels of further edges, clear of all that were placed before. */
  place(edges: readonly number[]): readonly PlacedLabel[] {
    const { scene, layout } = this.#input.picture;
    for (const e of edges)
      if (layout.portal[e]) for (const rect of pillRects(this.#input, e)) this.#taken.add(rect);
    const placed: PlacedLabel[] = [];
    for (const e of edges) {
      const value = scene.edges[e]?.value ?? "";
      if (this.#done.has(value) || layout.portal[e]) continue;
      const anchor = anchorEdge(layout, scene.edgesOf.get(value) ?? []) ?? e;
      const free = candidatesOf(this.#input, anchor, value).filter(({ rect }) => this.#isFree(rect));
      const candidates = [
        ...free.filter((c) => this.#isInside(c.rect)),
        ...free.filter((c) => !this.#isInside(c.rect)),
      ];
      const best = candidates.find((c) => !crossed(this.#input, c.rect)) ?? candidates[0];
      if (!best) continue;
      this.#done.add(value);
      this.#taken.add({ ...best.rect, left: best.rect.left - GAP, right: best.rect.right + GAP });
      placed.push(best);
    }
    return placed;
  }

  #isInside(rect: Rect): boolean {
    return rect.left >= this.#span[0] && rect.right <= this.#span[1];
  }

  #isFree(rect: Rect): boolean {
    const { picture } = this.#input;
    return (
      !this.#taken.meets(rect) && !picture.index.nodesIn(rect).some((v) => overlap(boxOf(picture, v), rect))
    );
  }
}

function candidatesOf(
  { picture, marks, measure, view }: DrawInput,
  e: number,
  value: string,
): readonly PlacedLabel[] {
  const chip = (t: string) => measure(t, "chip");
  const mark = marks.times?.get(value);
  const afar = view.scale < LABEL_SCALE;
  const whole = !marks.times
    ? edgeLabel(value, picture.scene.shapes.get(value), marks.timeAxis.get(value), chip)
    : !mark || (afar && !telling(mark))
      ? []
      : afar
        ? timePieces(mark)
        : namedTimePieces(value, mark, chip);
  if (whole.length === 0) return [];
  const shape = whole.filter((p) => p.kind !== "name");
  const zoom = zoomOf(view.scale);
  const { x, y } = edgeAnchor(picture.layout, e);
  const offset = marks.crossing.has(value) || marks.splits.has(value) ? OFFSET.crossing : OFFSET.plain;
  const place = (pieces: readonly LabelPiece[], side: "left" | "right"): PlacedLabel => {
    const width = zoom * pieces.reduce((sum, p) => sum + measure(p.text, "chip"), 0);
    const left = side === "left" ? x - offset - width : x + offset;
    const half = (zoom * HEIGHT) / 2;
    return { pieces, rect: { left, top: y - half, right: left + width, bottom: y + half } };
  };
  // Chips take a side: a cache the right one, a split the left one.
  const sides = (["right", "left"] as const).filter(
    (s) => !(s === "right" ? marks.caches : marks.splits).has(value),
  );
  return [whole, ...(shape.length > 0 ? [shape] : [])].flatMap((pieces) =>
    sides.map((s) => place(pieces, s)),
  );
}

/** Whether an edge runs through the rectangle. */
function crossed({ picture }: DrawInput, rect: Rect): boolean {
  const { layout, index } = picture;
  const y = (rect.top + rect.bottom) / 2;
  const lines = index.edgesIn(rect).flatMap((e) => edgeLines(layout, e));
  for (let x = rect.left + LINE_DISTANCE; x < rect.right; x += LINE_SAMPLE) {
    if (lines.some((line) => distanceToLine(line, { x, y }) < LINE_DISTANCE)) return true;
  }
  return false;
}

function pillRects({ picture }: DrawInput, e: number): Rect[] {
  const points = edgePoints(picture.layout, e);
  return [2, 4].map((i) => {
    const [x, y] = [points[i] ?? 0, points[i + 1] ?? 0];
    return { left: x - PILL.width, top: y - PILL.height / 2, right: x + 10, bottom: y + PILL.height / 2 };
  });
}

function zoomOf(scale: number): number {
  return Math.max(1, LEAST_LABEL_SCALE / scale);
}

export function drawLabel(
  painter: Painter,
  { palette, measure, view }: DrawInput,
  { pieces, rect }: PlacedLabel,
): void {
  const zoom = zoomOf(view.scale);
  const plate = [rect.left - 2, rect.top, rect.right - rect.left + 4, rect.bottom - rect.top];
  painter.boxes(plate, { fill: palette.background });
  let x = rect.left;
  for (const { text, kind } of pieces) {
    const color = kind === "time" ? palette.accent : kind === "name" ? palette.mutedText : palette.text;
    const weight = kind === "time" ? ({ weight: "bold" } as const) : {};
    painter.text(text, x, (rect.top + rect.bottom) / 2, { face: "chip", color, zoom, ...weight });
    x += zoom * measure(text, "chip");
  }
}
