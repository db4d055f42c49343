import type { ValueName } from "../../core/ir/graph.ts";
import { sizeOf } from "../../core/ir/tensor.ts";
import type { StreamAnalysis } from "../../core/stream/analysis.ts";
import { extentsFor } from "../../core/stream/extents.ts";
import { type Block, padFrames } from "../blocks.ts";
import type { ClipReader } from "../clip-reader.ts";

/** Model-input frames of one clip that are compared at most. */
const MOST_FRAMES = 600_000;
/**
 * Activations of one clip that offline may have to hold at once: it computes every frame of one value before the next.
 * Half an hour of a small model at 100 frames a second; wasm has 4 GB for everything.
 */
const MOST_BYTES = 1 << 30;
/** Activations of one side that are held at once when every value is compared. */
const VALUE_BYTES = 48 << 20;

export interface ClipInputs {
  readonly file: string;
  /** Whole input, filled up with zero frames to chunk·steps. */
  readonly inputs: Block;
  readonly steps: number;
}

/** The clip as one block, as much of it as offline can hold; undefined if it is empty. */
export async function clipInputs(
  clip: ClipReader,
  analysis: StreamAnalysis,
  chunk: number,
): Promise<ClipInputs | undefined> {
  clip.rewind();
  const steps = stepsWithinBudget(analysis, chunk, [...analysis.facts.keys()], MOST_BYTES);
  const most = Math.max(1, Math.min(Math.floor(MOST_FRAMES / chunk), steps)) * chunk;
  const block = await clip.read(Math.min(clip.frames, most));
  if (!block) return undefined;
  const frames = Math.min(clip.frames, most);
  const count = Math.ceil(frames / chunk);
  return { file: clip.file, inputs: padFrames(block, analysis, count * chunk).inputs, steps: count };
}

/** Steps over which all of `values` may be held at once, in `bytes` of memory. */
export function stepsWithinBudget(
  analysis: StreamAnalysis,
  chunk: number,
  values: readonly ValueName[],
  bytes = VALUE_BYTES,
): number {
  const extents = extentsFor(analysis, chunk);
  const moving = values.filter((v) => (analysis.facts.get(v)?.kind ?? "static") !== "static");
  const perStep = moving.reduce((n, v) => n + 4 * sizeOf(extents.shape(v) ?? []), 0);
  return Math.max(1, Math.floor(bytes / Math.max(1, perStep)));
}
