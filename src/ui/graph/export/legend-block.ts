import type { Measure } from "../graph-scene.ts";
import type { Painter, Stroke } from "../painter.ts";
import type { Palette } from "../palette.ts";

/** What a colour, a sign or a line of the picture means. */
export interface LegendRow {
  readonly look:
    | { readonly kind: "swatch"; readonly color: string }
    | { readonly kind: "sign"; readonly sign: string; readonly color: string }
    | { readonly kind: "line"; readonly stroke: Stroke };
  readonly text: string;
}

/** Title and legend over a picture, in screen px from its upper left corner. */
export interface LegendBlock {
  readonly title: string;
  readonly items: readonly { readonly row: LegendRow; readonly x: number; readonly y: number }[];
  readonly height: number;
}

const MARGIN = 32;
const LINE = 22;
const LOOK = 18;
const GAP = 22;

/** Places a title and rows side by side, in as many lines as the width asks for. */
export function legendBlock(
  title: string,
  rows: readonly LegendRow[],
  width: number,
  measure: Measure,
): LegendBlock {
  let [x, y] = [MARGIN, MARGIN + LINE];
  const items = rows.map((row) => {
    const own = LOOK + measure(row.text, "label") + GAP;
    if (x > MARGIN && x + own > width - MARGIN) [x, y] = [MARGIN, y + LINE];
    const item = { row, x, y };
    x += own;
    return item;
  });
  return { title, items, height: (items.length > 0 ? y : MARGIN) + LINE / 2 };
}

/** Paints the block above the graph: its foot is at the world's zero. */
export function drawLegend(painter: Painter, block: LegendBlock, palette: Palette, scale: number): void {
  const zoom = 1 / scale;
  const worldY = (y: number) => (y - block.height) * zoom;
  const title = { face: "title", color: palette.text, zoom: 1.25 * zoom } as const;
  painter.text(block.title, MARGIN * zoom, worldY(MARGIN - LINE / 4), title);
  for (const { row, x, y } of block.items) {
    const [left, middle] = [x * zoom, worldY(y)];
    drawLook(painter, row, { left, middle, zoom });
    const text = { face: "label", color: palette.mutedText, zoom } as const;
    painter.text(row.text, left + LOOK * zoom, middle, text);
  }
}

interface Place {
  readonly left: number;
  readonly middle: number;
  readonly zoom: number;
}

function drawLook(painter: Painter, { look }: LegendRow, { left, middle, zoom }: Place): void {
  switch (look.kind) {
    case "swatch":
      painter.boxes([left, middle - 5 * zoom, 12 * zoom, 10 * zoom], { fill: look.color, radius: 2 * zoom });
      return;
    case "sign":
      painter.text(look.sign, left, middle, { face: "title", color: look.color, weight: "bold", zoom });
      return;
    case "line":
      painter.lines([left, middle, left + 14 * zoom, middle], look.stroke);
      return;
  }
  look satisfies never;
}
