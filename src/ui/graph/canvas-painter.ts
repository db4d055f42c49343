import { CURVE_TENSION } from "./edge-path.ts";
import { FACE_FONT } from "./measured-scene.ts";
import type { BoxStyle, Painter, Stroke, TextStyle } from "./painter.ts";
import type { View } from "./viewport.ts";

const ARROW = { length: 6, halfWidth: 3.5 } as const;

/** Painter on a Canvas 2D context; `pixelRatio` device px per CSS px, asked at every picture. */
export class CanvasPainter implements Painter {
  readonly #context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
  readonly #pixelRatio: () => number;
  #scale = 1;

  constructor(
    context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
    pixelRatio: () => number,
  ) {
    this.#context = context;
    this.#pixelRatio = pixelRatio;
  }

  begin(view: View, background: string): void {
    const c = this.#context;
    const ratio = this.#pixelRatio();
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.fillStyle = background;
    c.fillRect(0, 0, c.canvas.width, c.canvas.height);
    c.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.panX, ratio * view.panY);
    c.textBaseline = "middle";
    this.#scale = view.scale;
  }

  boxes(rects: readonly number[], { fill, stroke, radius = 0 }: BoxStyle): void {
    const c = this.#context;
    c.beginPath();
    for (let i = 0; i + 3 < rects.length; i += 4) {
      const [x, y, w, h] = [rects[i] ?? 0, rects[i + 1] ?? 0, rects[i + 2] ?? 0, rects[i + 3] ?? 0];
      if (radius > 0) c.roundRect(x, y, w, h, radius);
      else c.rect(x, y, w, h);
    }
    if (fill !== undefined) {
      c.fillStyle = fill;
      c.fill();
    }
    if (stroke) this.#stroke(stroke);
  }

  edges(lines: readonly Float32Array[], stroke: Stroke, shape: "curved" | "straight"): void {
    const c = this.#context;
    c.beginPath();
    for (const line of lines) {
      let [x, y] = [line[0] ?? 0, line[1] ?? 0];
      c.moveTo(x, y);
      for (let i = 2; i + 1 < line.length; i += 2) {
        const [toX, toY] = [line[i] ?? 0, line[i + 1] ?? 0];
        const pull = (toY - y) * CURVE_TENSION;
        if (shape === "straight" || toX === x) c.lineTo(toX, toY);
        else c.bezierCurveTo(x, y + pull, toX, toY - pull, toX, toY);
        [x, y] = [toX, toY];
      }
    }
    this.#stroke(stroke);
  }

  arrows(tips: readonly number[], color: string): void {
    const c = this.#context;
    c.beginPath();
    for (let i = 0; i + 1 < tips.length; i += 2) {
      const [x, y] = [tips[i] ?? 0, tips[i + 1] ?? 0];
      c.moveTo(x, y);
      c.lineTo(x - ARROW.halfWidth, y - ARROW.length);
      c.lineTo(x + ARROW.halfWidth, y - ARROW.length);
    }
    c.fillStyle = color;
    c.fill();
  }

  lines(ends: readonly number[], stroke: Stroke): void {
    const c = this.#context;
    c.beginPath();
    for (let i = 0; i + 3 < ends.length; i += 4) {
      c.moveTo(ends[i] ?? 0, ends[i + 1] ?? 0);
      c.lineTo(ends[i + 2] ?? 0, ends[i + 3] ?? 0);
    }
    this.#stroke(stroke);
  }

  text(
    text: string,
    x: number,
    y: number,
    { face, color, align = "left", weight, zoom = 1 }: TextStyle,
  ): void {
    const c = this.#context;
    const { style, size, family } = FACE_FONT[face];
    c.font = `${weight ?? style} ${size * zoom}px ${family}`;
    c.textAlign = align;
    c.fillStyle = color;
    c.fillText(text, x, y);
  }

  #stroke({ color, width, dash = [] }: Stroke): void {
    const c = this.#context;
    c.strokeStyle = color;
    c.lineWidth = width / this.#scale;
    c.setLineDash(dash.map((d) => d / this.#scale));
    c.stroke();
  }
}
