import { fields, finite, integer, items, type Json, members, oneOf } from "../base/json-reader.ts";
import { APPROXIMATION_KINDS, type Approximation, type ApproximationKind } from "./approximation.ts";

/** Whole numbers that a kind needs beside its name; each at least 1, look-ahead at least 0. */
export const APPROXIMATION_COUNTS = {
  running: [],
  window: ["frames"],
  ema: ["halfLifeFrames"],
  frozen: [],
  continuous: [],
  windowExact: ["frames"],
  zeroPad: [],
  leftContext: ["frames"],
  chunkedBackward: ["blockFrames", "lookAheadFrames"],
} as const satisfies Readonly<Record<ApproximationKind, readonly string[]>>;

/** An approximation in a plan. What does not fit is told to the reader's `bad`. */
export function approximationOf(json: Json): Approximation {
  const found = members(json);
  const need = (key: string): Json =>
    found.get(key) ?? json.bad({ code: "missing", place: `${json.place}.${key}` });
  const kind = oneOf(need("kind"), APPROXIMATION_KINDS);
  const lists = kind === "frozen" ? ["mean", "variance"] : [];
  fields(json, ["kind", ...APPROXIMATION_COUNTS[kind], ...lists]);
  const count = (key: string, least = 1): number => integer(need(key), least);
  switch (kind) {
    case "running":
    case "continuous":
    case "zeroPad":
      return { kind };
    case "window":
    case "windowExact":
    case "leftContext":
      return { kind, frames: count("frames") };
    case "ema":
      return { kind, halfLifeFrames: count("halfLifeFrames") };
    case "frozen": {
      const variance = found.get("variance");
      const mean = numbersOf(need("mean"));
      return { kind, mean, ...(variance && { variance: numbersOf(variance, 0) }) };
    }
    case "chunkedBackward":
      return { kind, blockFrames: count("blockFrames"), lookAheadFrames: count("lookAheadFrames", 0) };
    default:
      return kind satisfies never;
  }
}

function numbersOf(json: Json, least?: number): number[] {
  return items(json).map((item) => finite(item, least));
}
