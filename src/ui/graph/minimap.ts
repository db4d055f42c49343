import { CanvasPainter } from "./canvas-painter.ts";
import type { Palette } from "./palette.ts";
import { type Picture, wholeOf } from "./picture.ts";
import { type Size, type View, visibleWorld } from "./viewport.ts";

export interface MinimapInput {
  readonly picture: Picture;
  readonly palette: Palette;
  readonly view: View;
  readonly size: Size;
}

const MOST: Size = { width: 180, height: 130 };
/** Of the pane, across and down: in a narrow one the graph needs the room itself. */
const MOST_OF_PANE = 0.25;
/** The whole is hardly larger than what is seen: a second picture of it helps nobody. */
const NEEDLESS = 0.8;

interface Bitmap {
  readonly palette: Palette;
  readonly canvas: HTMLCanvasElement;
}

const bitmaps = new WeakMap<Picture, Bitmap>();

/** The whole graph, small, with the part that is seen; hidden while most of it is seen anyway. */
export function drawMinimap(canvas: HTMLCanvasElement, { picture, palette, view, size }: MinimapInput): void {
  const { right, bottom } = wholeOf(picture);
  const seen = visibleWorld(view, size);
  const shown = seen.right - seen.left < NEEDLESS * right || seen.bottom - seen.top < NEEDLESS * bottom;
  if (canvas.dataset.shown !== String(shown)) canvas.dataset.shown = String(shown);
  if (!shown) return;
  const most = (px: number, pane: number) => Math.min(px, MOST_OF_PANE * pane);
  const scale = Math.min(most(MOST.width, size.width) / right, most(MOST.height, size.height) / bottom);
  const context = canvas.getContext("2d");
  if (!context) return;
  const ratio = window.devicePixelRatio;
  const [width, height] = [Math.max(8, right * scale), Math.max(8, bottom * scale)];
  const pixels = { width: Math.round(width * ratio), height: Math.round(height * ratio) };
  if (canvas.width !== pixels.width || canvas.height !== pixels.height) {
    Object.assign(canvas, pixels);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  context.drawImage(bitmapOf(picture, palette, pixels, scale * ratio), 0, 0);
  context.strokeStyle = palette.accent;
  context.lineWidth = 1.5 * ratio;
  const at = (world: number, end: number) => Math.min(end, Math.max(0, world * scale * ratio));
  const [left, top] = [at(seen.left, pixels.width), at(seen.top, pixels.height)];
  context.strokeRect(left, top, at(seen.right, pixels.width) - left, at(seen.bottom, pixels.height) - top);
}

/** Drawn once per picture and theme. */
function bitmapOf(picture: Picture, palette: Palette, pixels: Size, scale: number): HTMLCanvasElement {
  const known = bitmaps.get(picture);
  if (
    known?.palette === palette &&
    known.canvas.width === pixels.width &&
    known.canvas.height === pixels.height
  )
    return known.canvas;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, pixels);
  const context = canvas.getContext("2d");
  if (context) {
    const painter = new CanvasPainter(context, () => 1);
    painter.begin({ scale, panX: 0, panY: 0 }, palette.surface);
    painter.edges(picture.overview.lines, { color: palette.edge, width: 0.5 }, "straight");
    for (const [family, rects] of picture.overview.boxes)
      painter.boxes(rects, { fill: palette.family[family] });
  }
  bitmaps.set(picture, { palette, canvas });
  return canvas;
}
