import type { WeightGrid } from "../../../engine/weight-grid.ts";

export interface ElementRow {
  readonly flat: number;
  /** Along every axis. */
  readonly index: string;
  readonly value: number;
  /** What a stored integer stands for. */
  readonly real?: number;
}

/** A table of more rows helps nobody. */
const MOST_ROWS = 20_000;

/** The first elements in row-major order, each with its index. */
export function elementRows(
  values: ArrayLike<number | bigint>,
  dims: readonly number[],
  grid: Pick<WeightGrid, "axis" | "channels"> | undefined,
): readonly ElementRow[] {
  return Array.from({ length: Math.min(values.length, MOST_ROWS) }, (_, flat) => {
    const index = indexOf(flat, dims);
    const value = Number(values[flat]);
    const channel = grid?.channels[grid.axis === undefined ? 0 : (index[grid.axis] ?? 0)];
    return {
      flat,
      index: index.length > 0 ? index.join(", ") : "–",
      value,
      ...(channel && { real: (value - channel.zeroPoint) * channel.scale }),
    };
  });
}

function indexOf(flat: number, dims: readonly number[]): number[] {
  const index: number[] = [];
  let rest = flat;
  for (const size of [...dims].reverse()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return index;
}
