import type { CountedWindow } from "../ops/op.ts";

/** How many frames enter the mean of a window that reaches beyond the ends of the stream. */
export interface EdgeCounts {
  /** Frames that enter elsewhere. */
  readonly taps: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padStart: number;
  /** Windows that begin before the first frame. */
  readonly early: number;
  /** Most frames by which a window reaches behind the last; 0 if that is not followed. */
  readonly late: number;
  /** By number of the window up to `early`, then by frames behind the last up to `late`. */
  readonly table: readonly number[];
}

interface CountedGeometry extends CountedWindow {
  readonly kernel: number;
  readonly stride: number;
  readonly padStart: number;
  readonly padEnd: number;
}

/** The counts of a window's mean; undefined if they are all the same. */
export function edgeCounts(window: CountedGeometry, exactEnd: boolean): EdgeCounts | undefined {
  const { taps, dilation, kernel, stride, padStart, before, after } = window;
  const early = Math.ceil(padStart / stride);
  const late = exactEnd ? window.padEnd : 0;
  const table: number[] = [];
  for (let i = 0; i <= early; i++) {
    const first = Math.max(0, padStart - stride * i) - before;
    for (let behind = 0; behind <= late; behind++) {
      const places = Array.from({ length: taps }, (_, tap) => tap * dilation);
      table.push(places.filter((p) => p >= first && p < kernel - behind + after).length);
    }
  }
  if (table.every((count) => count === taps)) return undefined;
  // A window of nothing but padding has no mean: runtimes differ, none of them is asked.
  return { taps, kernel, stride, padStart, early, late, table: table.map((count) => Math.max(1, count)) };
}
