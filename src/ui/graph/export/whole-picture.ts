import { drawFrames } from "../draw-frames.ts";
import { drawLabel, LabelPlacer, type PlacedLabel } from "../draw-labels.ts";
import { type DrawInput, detailAt, drawLayers, showsLabels } from "../draw-scene.ts";
import type { GraphMarks, GraphSelection } from "../graph-marks.ts";
import type { Measure } from "../graph-scene.ts";
import { coveredBy, type Overlay, overlayOf } from "../overlay.ts";
import type { Painter } from "../painter.ts";
import type { Palette } from "../palette.ts";
import type { Picture } from "../picture.ts";
import type { Reach } from "../reach.ts";
import { overlap, type Rect, type Size, type View } from "../viewport.ts";
import { drawOverlay, partOfOverlay } from "./draw-overlay.ts";
import { drawLegend, type LegendBlock, type LegendRow, legendBlock } from "./legend-block.ts";

/** The whole graph as it is to be saved: what is on screen, at one zoom, with a title and a legend. */
export interface WholeInput {
  readonly picture: Picture;
  readonly marks: GraphMarks;
  readonly selection: GraphSelection | undefined;
  readonly reach?: Reach | undefined;
  readonly palette: Palette;
  readonly measure: Measure;
  readonly title: string;
  readonly legend: readonly LegendRow[];
  readonly scale: number;
}

export interface WholePicture {
  readonly input: WholeInput;
  /** Of the file in px, and how the world is seen in it. */
  readonly size: Size;
  readonly view: View;
  readonly overlay: Overlay;
  readonly block: LegendBlock;
}

/** Work in steps: everything between two yields takes a few ms. Yields the portion that is done. */
export type Steps<Result = void> = Generator<number, Result>;

/** Narrower pictures would break the legend into one item per line. */
const LEAST_WIDTH = 480;
/** Nodes or edges that are painted in one step. */
const PART = 40;

/** Sizes and buttons of the whole picture; cheap enough to ask at every change of the scale. */
export function wholePicture(input: WholeInput): WholePicture {
  const { picture, marks, selection, scale, legend, title, measure } = input;
  const { size, block } = wholeSize({ layout: picture.layout, legend, title, scale }, measure);
  const view = { scale, panX: 0, panY: block.height };
  const overlay = overlayOf(picture, marks, selection, view, size, Number.POSITIVE_INFINITY);
  return { input, size, view, overlay, block };
}

/** Px of the file at a scale. */
export function wholeSize(
  given: Pick<WholeInput, "legend" | "title" | "scale"> & { readonly layout: Size },
  measure: Measure,
): { readonly size: Size; readonly block: LegendBlock } {
  const { layout, scale } = given;
  const width = Math.ceil(Math.max(layout.width * scale, LEAST_WIDTH));
  const block = legendBlock(given.title, given.legend, width, measure);
  return { size: { width, height: Math.ceil(layout.height * scale + block.height) }, block };
}

function drawInputOf({ input, view, size, overlay }: WholePicture): DrawInput {
  const { picture, marks, selection, reach, palette, measure } = input;
  const covered = coveredBy(overlay);
  return { picture, marks, selection, reach, hover: undefined, palette, view, size, measure, covered };
}

/** Places the labels of all edges. */
export function* placeAllLabels(whole: WholePicture): Steps<readonly PlacedLabel[]> {
  const input = drawInputOf(whole);
  if (!showsLabels(input)) return [];
  const placer = new LabelPlacer(input);
  const labels: PlacedLabel[] = [];
  const count = input.picture.scene.edges.length;
  for (const part of partsOf(count)) {
    labels.push(...placer.place(part));
    yield (part.at(-1) ?? 0) / count;
  }
  return labels;
}

/** Paints everything once, layer by layer. */
export function* paintWhole(painter: Painter, whole: WholePicture): Steps {
  const labels = yield* portion(placeAllLabels(whole), 0, 0.4);
  const input = drawInputOf(whole);
  const { nodes, edges } = input.picture.scene;
  const detail = detailAt(whole.view.scale);
  painter.begin(whole.view, input.palette.background);
  drawFrames(painter, input);
  for (const part of partsOf(edges.length)) {
    drawLayers(painter, input, { nodes: [], edges: part, detail });
    yield 0.4 + (0.2 * (part.at(-1) ?? 0)) / edges.length;
  }
  for (const part of partsOf(nodes.length)) {
    drawLayers(painter, input, { nodes: part, edges: [], detail });
    yield 0.6 + (0.3 * (part.at(-1) ?? 0)) / nodes.length;
  }
  for (const part of partsOf(labels.length)) {
    for (const i of part) if (labels[i]) drawLabel(painter, input, labels[i]);
    yield 0.9 + (0.1 * (part.at(-1) ?? 0)) / labels.length;
  }
  drawOverlay(painter, whole.overlay, whole.input);
  drawLegend(painter, whole.block, input.palette, whole.view.scale);
}

/** Px round a tile from which strokes, texts and buttons may reach into it. */
const REACH_PX = 220;

/** Paints what falls into a rectangle of the file, `tile` in its px; the painter's ground is as large as the tile. */
export function paintTile(
  painter: Painter,
  whole: WholePicture,
  labels: readonly PlacedLabel[],
  tile: Rect,
): void {
  const { scale, panX, panY } = whole.view;
  const view = { scale, panX: panX - tile.left, panY: panY - tile.top };
  const size = { width: tile.right - tile.left, height: tile.bottom - tile.top };
  const input = { ...drawInputOf(whole), view, size };
  const world = (px: number, pan: number) => (px - pan) / scale;
  const near: Rect = {
    left: world(tile.left - REACH_PX, panX),
    top: world(tile.top - REACH_PX, panY),
    right: world(tile.right + REACH_PX, panX),
    bottom: world(tile.bottom + REACH_PX, panY),
  };
  const { index } = input.picture;
  painter.begin(view, input.palette.background);
  drawFrames(painter, input);
  drawLayers(painter, input, {
    nodes: index.nodesIn(near),
    edges: index.edgesIn(near),
    detail: detailAt(scale),
  });
  for (const label of labels) if (overlap(label.rect, near)) drawLabel(painter, input, label);
  drawOverlay(painter, partOfOverlay(whole.overlay, near), whole.input);
  if (tile.top < whole.block.height) drawLegend(painter, whole.block, input.palette, scale);
}

function* partsOf(count: number): Generator<readonly number[]> {
  for (let first = 0; first < count; first += PART)
    yield Array.from({ length: Math.min(PART, count - first) }, (_, i) => first + i);
}

function* portion<Result>(steps: Steps<Result>, from: number, to: number): Steps<Result> {
  for (;;) {
    const { value, done } = steps.next();
    if (done) return value as Result;
    yield from + (to - from) * (value as number);
  }
}
