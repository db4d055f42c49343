import type { JsonDetail } from "../base/detail.ts";
import { APPROXIMATION_KINDS, type Approximation } from "./approximation.ts";
import { APPROXIMATION_COUNTS, approximationOf } from "./parse-approximation.ts";

/** An approximation as one word of a command line: `running`, `window:200`, `chunkedBackward:8,16`. */
export function printApproximation(approximation: Approximation): string {
  const numbers = countsOf(approximation);
  return numbers.length === 0 ? approximation.kind : `${approximation.kind}:${numbers.join(",")}`;
}

/** The whole numbers of an approximation, in the order in which they are written. */
export function countsOf(approximation: Approximation): readonly number[] {
  switch (approximation.kind) {
    case "running":
    case "continuous":
    case "frozen":
    case "zeroPad":
      return [];
    case "window":
    case "windowExact":
    case "leftContext":
      return [approximation.frames];
    case "ema":
      return [approximation.halfLifeFrames];
    case "chunkedBackward":
      return [approximation.blockFrames, approximation.lookAheadFrames];
    default:
      return approximation satisfies never;
  }
}

/** The approximation of such a word; undefined if it is none. `frozen` comes without its numbers. */
export function readApproximation(word: string): Approximation | undefined {
  const [name, list = ""] = word.split(":", 2);
  const kind = APPROXIMATION_KINDS.find((k) => k === name);
  if (kind === "frozen") return list === "" ? { kind, mean: [] } : undefined;
  if (!kind) return undefined;
  const keys = APPROXIMATION_COUNTS[kind];
  const numbers = list === "" ? [] : list.split(",").map(Number);
  if (numbers.length !== keys.length) return undefined;
  const record = Object.fromEntries([["kind", kind], ...keys.map((key, i) => [key, numbers[i]] as const)]);
  return attempt(() => approximationOf({ value: record, place: "", bad: refuse }));
}

class Misfit extends Error {}

function refuse(what: JsonDetail): never {
  throw new Misfit(what.code);
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Misfit) return undefined;
    throw error;
  }
}
