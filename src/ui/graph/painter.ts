import type { Face } from "./graph-scene.ts";
import type { View } from "./viewport.ts";

export interface Stroke {
  readonly color: string;
  /** Screen px, whatever the zoom. */
  readonly width: number;
  /** Screen px on, off, …; absent: solid. */
  readonly dash?: readonly number[];
}

export interface BoxStyle {
  readonly fill?: string;
  readonly stroke?: Stroke;
  /** World px. */
  readonly radius?: number;
}

export interface TextStyle {
  readonly face: Face;
  readonly color: string;
  readonly align?: "left" | "right";
  readonly weight?: "bold";
  /** Times the face's size; 1 if absent. */
  readonly zoom?: number;
}

/**
 * What the scene is drawn with; all coordinates are world px. A back end (canvas, SVG, WebGL) is one implementation of
 * these functions.
 */
export interface Painter {
  /** Begins a picture: empties it and sets how the world is seen. */
  begin(view: View, background: string): void;
  /** Rectangles as left, top, width, height, …. */
  boxes(rects: readonly number[], style: BoxStyle): void;
  /** Edges by way points (see Layout.points): vertical lines and S-curves, or straight lines when they are tiny. */
  edges(lines: readonly Float32Array[], stroke: Stroke, shape: "curved" | "straight"): void;
  /** Arrow heads that point down, by their tips x, y, …. */
  arrows(tips: readonly number[], color: string): void;
  /** Straight lines as ax, ay, bx, by, …. */
  lines(ends: readonly number[], stroke: Stroke): void;
  /** One line of text; y is its middle. */
  text(text: string, x: number, y: number, style: TextStyle): void;
}
