import { CURVE_TENSION } from "../edge-path.ts";
import { FACE_FONT } from "../measured-scene.ts";
import type { BoxStyle, Painter, Stroke, TextStyle } from "../painter.ts";
import type { Size, View } from "../viewport.ts";

const ARROW = { length: 6, halfWidth: 3.5 } as const;
/** From the middle of a line of text to its baseline, as a portion of its size. */
const BASELINE = 0.35;
const PIECE_PARTS = 4096;

/** Painter that writes an SVG file of `size` px. Its elements stay where they were painted: one group, moved by the view. */
export class SvgPainter implements Painter {
  readonly #size: Size;
  readonly #title: string;
  #scale = 1;
  #parts: string[] = [];
  readonly #pieces: string[] = [];

  constructor(size: Size, title: string) {
    this.#size = size;
    this.#title = title;
  }

  begin({ scale, panX, panY }: View, background: string): void {
    const { width, height } = this.#size;
    this.#scale = scale;
    this.#parts = [
      '<?xml version="1.0" encoding="UTF-8"?>\n',
      `<svg xmlns="http://www.w3.org/2000/svg" width="${number(width)}" height="${number(height)}"`,
      ` viewBox="0 0 ${number(width)} ${number(height)}" role="img">\n<title>${escaped(this.#title)}</title>\n`,
      `<rect width="100%" height="100%" fill="${escaped(background)}"/>\n`,
      `<g transform="translate(${number(panX)} ${number(panY)}) scale(${number(scale)})" xml:space="preserve" white-space="pre">\n`,
    ];
  }

  boxes(rects: readonly number[], { fill, stroke, radius = 0 }: BoxStyle): void {
    if (rects.length === 0) return;
    this.#add(`<g fill="${escaped(fill ?? "none")}"${this.#stroke(stroke)}>`);
    for (let i = 0; i + 3 < rects.length; i += 4) {
      const [x, y, w, h] = [rects[i] ?? 0, rects[i + 1] ?? 0, rects[i + 2] ?? 0, rects[i + 3] ?? 0];
      const round = radius > 0 ? ` rx="${number(Math.min(radius, w / 2, h / 2))}"` : "";
      this.#add(
        `<rect x="${number(x)}" y="${number(y)}" width="${number(w)}" height="${number(h)}"${round}/>`,
      );
    }
    this.#add("</g>\n");
  }

  edges(lines: readonly Float32Array[], stroke: Stroke, shape: "curved" | "straight"): void {
    this.#path(
      lines.map((line) => pathOf(line, shape)),
      stroke,
    );
  }

  arrows(tips: readonly number[], color: string): void {
    if (tips.length === 0) return;
    const { halfWidth, length } = ARROW;
    let path = "";
    for (let i = 0; i + 1 < tips.length; i += 2) {
      path += `M${number(tips[i] ?? 0)} ${number(tips[i + 1] ?? 0)}l${-halfWidth} ${-length}h${2 * halfWidth}z`;
    }
    this.#add(`<path fill="${escaped(color)}" d="${path}"/>\n`);
  }

  lines(ends: readonly number[], stroke: Stroke): void {
    const paths: string[] = [];
    for (let i = 0; i + 3 < ends.length; i += 4) {
      const [ax, ay, bx, by] = [ends[i] ?? 0, ends[i + 1] ?? 0, ends[i + 2] ?? 0, ends[i + 3] ?? 0];
      paths.push(`M${number(ax)} ${number(ay)}L${number(bx)} ${number(by)}`);
    }
    this.#path(paths, stroke);
  }

  text(text: string, x: number, y: number, style: TextStyle): void {
    const { face, color, align = "left", weight, zoom = 1 } = style;
    const font = FACE_FONT[face];
    const size = font.size * zoom;
    const anchor = align === "right" ? ' text-anchor="end"' : "";
    this.#add(
      `<text x="${number(x)}" y="${number(y + BASELINE * size)}" fill="${escaped(color)}"${anchor}`,
      ` font-family="${escaped(font.family)}" font-size="${number(size)}" font-weight="${weight ?? font.style}">`,
      `${escaped(text)}</text>\n`,
    );
  }

  /** The file, in pieces. */
  finish(): readonly string[] {
    this.#add("</g>\n</svg>\n");
    return [...this.#pieces, this.#parts.join("")];
  }

  /** Few long pieces: a file made of a million short ones would take seconds to put together. */
  #add(...parts: readonly string[]): void {
    this.#parts.push(...parts);
    if (this.#parts.length < PIECE_PARTS) return;
    this.#pieces.push(this.#parts.join(""));
    this.#parts = [];
  }

  #path(paths: readonly string[], stroke: Stroke): void {
    if (paths.length > 0) this.#add(`<path fill="none"${this.#stroke(stroke)} d="${paths.join("")}"/>\n`);
  }

  #stroke(stroke: Stroke | undefined): string {
    if (!stroke) return "";
    const dash = stroke.dash?.map((d) => number(d / this.#scale)).join(" ");
    return ` stroke="${escaped(stroke.color)}" stroke-width="${number(stroke.width / this.#scale)}"${dash ? ` stroke-dasharray="${dash}"` : ""}`;
  }
}

function pathOf(line: Float32Array, shape: "curved" | "straight"): string {
  let [x, y] = [line[0] ?? 0, line[1] ?? 0];
  let path = `M${number(x)} ${number(y)}`;
  for (let i = 2; i + 1 < line.length; i += 2) {
    const [toX, toY] = [line[i] ?? 0, line[i + 1] ?? 0];
    const pull = (toY - y) * CURVE_TENSION;
    path +=
      shape === "straight" || toX === x
        ? `L${number(toX)} ${number(toY)}`
        : `C${number(x)} ${number(y + pull)} ${number(toX)} ${number(toY - pull)} ${number(toX)} ${number(toY)}`;
    [x, y] = [toX, toY];
  }
  return path;
}

/** At most two places: a hundredth of a px is seen by nobody. */
function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Text as XML 1.0 can hold it: markup escaped; control characters and halves of surrogate pairs replaced. */
export function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "\u{FFFD}")
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
