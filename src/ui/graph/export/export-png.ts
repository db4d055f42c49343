import { CanvasPainter } from "../canvas-painter.ts";
import type { Size } from "../viewport.ts";
import { PngStream } from "./png-stream.ts";
import { nextTurn, runSteps, type StepOptions } from "./run-steps.ts";
import { paintTile, placeAllLabels, type WholeInput, wholePicture } from "./whole-picture.ts";

/** Larger files are opened by hardly any program; 400 million px take a few seconds and up to a few ten MB. */
export const PNG_LIMIT = { side: 65_535, pixels: 400e6 } as const;

/** A tile is drawn, read back and filtered in a few ms. */
const TILE = { width: 1024, height: 256 } as const;
/** Rows × width that are held uncompressed. */
const STRIPE_PIXELS = 1e6;
/** Portion of the work that placing labels is. */
const PLACING = 0.15;

export function fitsPng({ width, height }: Size): boolean {
  return width <= PNG_LIMIT.side && height <= PNG_LIMIT.side && width * height <= PNG_LIMIT.pixels;
}

/** Pixels of a file of `size` px at so many pixels for each. */
export function pixelsOf({ width, height }: Size, pixelRatio: number): Size {
  return { width: Math.ceil(width * pixelRatio), height: Math.ceil(height * pixelRatio) };
}

/** The whole graph as a PNG file, in pieces: drawn tile by tile, so that no canvas limits its size. */
export async function exportPng(
  input: WholeInput,
  pixelRatio: number,
  { signal, onProgress }: StepOptions,
): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  const whole = wholePicture(input);
  const { width, height } = pixelsOf(whole.size, pixelRatio);
  if (!fitsPng({ width, height })) throw new RangeError(`${width} × ${height} px are too many`);
  const labels = await runSteps(placeAllLabels(whole), {
    signal,
    onProgress: (done) => onProgress(PLACING * done),
  });
  const rows = Math.max(16, Math.min(TILE.height, Math.floor(STRIPE_PIXELS / width)));
  const context = new OffscreenCanvas(TILE.width, rows).getContext("2d", {
    alpha: false,
    willReadFrequently: true,
  });
  if (!context) throw new Error("no canvas to draw on");
  const painter = new CanvasPainter(context, () => pixelRatio);
  const png = new PngStream(width, height);
  for (let top = 0; top < height; top += rows) {
    const bottom = Math.min(height, top + rows);
    const stripe = new Uint8Array(3 * width * (bottom - top));
    for (let left = 0; left < width; left += TILE.width) {
      signal.throwIfAborted();
      const right = Math.min(width, left + TILE.width);
      const px = (device: number) => device / pixelRatio;
      paintTile(painter, whole, labels, {
        left: px(left),
        top: px(top),
        right: px(right),
        bottom: px(bottom),
      });
      const { data } = context.getImageData(0, 0, right - left, bottom - top);
      putPixels(stripe, data, { left, width, tileWidth: right - left });
      await nextTurn();
    }
    await png.rows(stripe);
    await nextTurn();
    onProgress(PLACING + ((1 - PLACING) * bottom) / height);
  }
  return png.finish();
}

interface Columns {
  /** Where the tile begins in a row of the file, and how long either's rows are, in px. */
  readonly left: number;
  readonly width: number;
  readonly tileWidth: number;
}

/** Copies RGBA pixels of a tile into RGB rows. */
function putPixels(rgb: Uint8Array, rgba: Uint8ClampedArray, { left, width, tileWidth }: Columns): void {
  const count = rgba.length / 4;
  for (let i = 0; i < count; i++) {
    const row = Math.floor(i / tileWidth);
    const to = 3 * (row * width + left + (i - row * tileWidth));
    rgb[to] = rgba[4 * i] ?? 0;
    rgb[to + 1] = rgba[4 * i + 1] ?? 0;
    rgb[to + 2] = rgba[4 * i + 2] ?? 0;
  }
}
