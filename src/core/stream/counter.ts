import type { Rational } from "../base/rational.ts";
import type { ValueName } from "../ir/graph.ts";
import type { StreamAnalysis } from "./analysis.ts";
import type { Extents } from "./extents.ts";
import type { Cache } from "./module.ts";

/** A state of one int64 that counts frames or steps. */
export function counterCache(
  input: ValueName,
  output: ValueName,
  init: number,
  readers: Cache["readers"],
): Cache {
  const shape = { shape: [1], axis: 0, frames: 1, dtype: "int64" } as const;
  return { kind: "position", value: input, input, output, ...shape, init, readers };
}

/** Rate of a stream, and the dims of a tensor that holds one element for each of some of its frames and broadcasts. */
export function alongTime(
  analysis: StreamAnalysis,
  extents: Extents,
  value: ValueName,
  frames: number,
): { readonly rate: Rational; readonly dims: readonly number[] } {
  const fact = analysis.facts.get(value);
  const rank = extents.shape(value)?.length;
  if (fact?.kind !== "stream" || rank === undefined) throw new Error(`${value} does not stream`);
  return { rate: fact.rate, dims: [frames, ...new Array<number>(rank - 1 - fact.axis).fill(1)] };
}
