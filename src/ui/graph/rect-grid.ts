import { overlap, type Rect } from "./viewport.ts";

const CELL_PX = 160;

/** Rectangles that are taken, in buckets: whether a place is free without asking all of them. */
export class RectGrid {
  readonly #cells = new Map<string, Rect[]>();

  constructor(rects: readonly Rect[] = []) {
    for (const rect of rects) this.add(rect);
  }

  add(rect: Rect): void {
    for (const key of cellsOf(rect)) {
      const known = this.#cells.get(key);
      if (known) known.push(rect);
      else this.#cells.set(key, [rect]);
    }
  }

  meets(rect: Rect): boolean {
    return cellsOf(rect).some((key) => this.#cells.get(key)?.some((other) => overlap(other, rect)) ?? false);
  }
}

function cellsOf({ left, top, right, bottom }: Rect): readonly string[] {
  const cell = (world: number) => Math.floor(world / CELL_PX);
  const keys: string[] = [];
  for (let row = cell(top); row <= cell(bottom); row++)
    for (let column = cell(left); column <= cell(right); column++) keys.push(`${row}:${column}`);
  return keys;
}
