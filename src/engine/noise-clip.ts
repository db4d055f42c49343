import { sliceAxis } from "../core/ir/axis.ts";
import { floatTensor, sizeOf, type Tensor } from "../core/ir/tensor.ts";
import { realInputs } from "../core/ir/walk.ts";
import type { StreamAnalysis } from "../core/stream/analysis.ts";
import { framesOfInput } from "./blocks.ts";
import type { ClipReader } from "./clip-reader.ts";

/** Longest signal that is made: enough for long receptive fields, little enough for a quick proof. */
const MOST_FRAMES = 8192;
const LEAST_FRAMES = 64;
/** Keeps logarithms small. */
const LEAST_POSITIVE = 2 ** -10;
/** Stands for the endless memory of a recurrence. */
const STATE_FRAMES = 256;

export interface NoiseOptions {
  /** "positive" is for models of magnitudes, whose roots and logarithms have no value for anything else. */
  readonly sign?: "both" | "positive";
  /** Such as a length that the file fixed. */
  readonly leastFrames?: number;
}

/**
 * White noise for every model input, to compare streaming with offline where no data was given: three receptive fields
 * and two chunks long, so that every cache is filled, used and forgotten. The same numbers on every machine.
 */
export function noiseClip(
  analysis: StreamAnalysis,
  chunk: number,
  { sign = "both", leastFrames = LEAST_FRAMES }: NoiseOptions = {},
): ClipReader {
  const fields = [...analysis.facts.values()].map((f) =>
    f.kind === "static"
      ? 0
      : (Number.isFinite(f.field.past) ? f.field.past : STATE_FRAMES) + f.field.future + 1,
  );
  const reach = fields.reduce((a, b) => Math.max(a, b), 1);
  const wanted = Math.max(leastFrames, LEAST_FRAMES, Math.min(MOST_FRAMES, 3 * reach + 2 * chunk));
  const frames = Math.ceil(wanted / chunk) * chunk;
  const random = uniformNoise(1);
  const next = sign === "both" ? random : () => Math.abs(random()) + LEAST_POSITIVE;
  const inputs = new Map<string, Tensor>();
  for (const { name, shape } of realInputs(analysis.graph)) {
    const dims = (shape ?? []).map((d, i) =>
      i === analysis.axes[name] ? framesOfInput(analysis, name, frames) : typeof d === "number" ? d : 1,
    );
    inputs.set(name, floatTensor(Float32Array.from({ length: sizeOf(dims) }, next), dims));
  }
  let at = 0;
  return {
    file: "noise",
    frames,
    seconds: 0,
    rewind: () => {
      at = 0;
    },
    read(count) {
      if (at >= frames) return Promise.resolve(undefined);
      const from = at;
      at = Math.min(frames, at + count);
      const block = [...inputs].map(([name, tensor]) => {
        const axis = analysis.axes[name];
        if (axis === undefined) return [name, tensor] as const;
        const [first, last] = [from, at].map((n) => framesOfInput(analysis, name, n));
        return [name, sliceAxis(tensor, axis, first ?? 0, last ?? 0)] as const;
      });
      return Promise.resolve(Object.fromEntries(block));
    },
  };
}

/** Uniform in [−1, 1): xorshift32 (Marsaglia 2003), whose steps are exact everywhere. */
export function uniformNoise(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 31 - 1;
  };
}
