import { drawEdges, drawMarkedEdges } from "./draw-edges.ts";
import { drawFrames } from "./draw-frames.ts";
import { drawEdgeLabels } from "./draw-labels.ts";
import { drawNodes } from "./draw-nodes.ts";
import { drawTimes } from "./draw-time.ts";
import type { GraphMarks, GraphSelection } from "./graph-marks.ts";
import type { Measure } from "./graph-scene.ts";
import type { Hit } from "./hit-test.ts";
import type { Painter } from "./painter.ts";
import type { Palette } from "./palette.ts";
import type { Picture } from "./picture.ts";
import type { Reach } from "./reach.ts";
import { type Rect, type Size, type View, visibleWorld } from "./viewport.ts";

export interface DrawInput {
  readonly picture: Picture;
  readonly marks: GraphMarks;
  readonly selection: GraphSelection | undefined;
  /** Several that are selected, `selection` among them; none if one is. */
  readonly together?: readonly GraphSelection[] | undefined;
  readonly hover: Hit | undefined;
  /** Ways to or from the selection that are followed. */
  readonly reach?: Reach | undefined;
  readonly palette: Palette;
  readonly view: View;
  readonly size: Size;
  readonly measure: Measure;
  /** World px that chips cover: no text goes there. */
  readonly covered: readonly Rect[];
}

/** How much is drawn: below 25 % boxes only, below 60 % outlines with a strip of the op's colour, above it text. */
export type Detail = "boxes" | "outlines" | "text";

export function detailAt(scale: number): Detail {
  return scale < 0.25 ? "boxes" : scale < 0.6 ? "outlines" : "text";
}

/** From this scale edges carry their value's name and shape. */
export const LABEL_SCALE = 0.8;
/** From this scale they say, if asked, where time runs differently than on the input. */
const TIME_SCALE = 0.35;
/** Screen px beyond the border that are drawn too, for texts and strokes that reach in. */
const MARGIN_PX = 40;

/** What of the picture lies in the viewport. */
export interface Visible {
  readonly nodes: readonly number[];
  readonly edges: readonly number[];
  readonly detail: Detail;
}

/** Draws one frame. */
export function drawScene(painter: Painter, input: DrawInput): void {
  const { picture, view, size, palette } = input;
  const rect = visibleWorld(view, size, MARGIN_PX);
  const visible: Visible = {
    nodes: picture.index.nodesIn(rect),
    edges: picture.index.edgesIn(rect),
    detail: detailAt(view.scale),
  };
  painter.begin(view, palette.background);
  drawFrames(painter, input);
  drawLayers(painter, input, visible);
  if (showsLabels(input)) drawEdgeLabels(painter, input, visible);
}

/** Back to front: edges, marked edges, boxes with selection and hover. */
export function drawLayers(painter: Painter, input: DrawInput, visible: Visible): void {
  drawEdges(painter, input, visible);
  drawTimes(painter, input, visible);
  drawMarkedEdges(painter, input, visible);
  drawNodes(painter, input, visible);
}

/** Whether edges carry labels at this zoom. */
export function showsLabels({ view, marks }: Pick<DrawInput, "view" | "marks">): boolean {
  return view.scale >= (marks.times ? TIME_SCALE : LABEL_SCALE);
}
