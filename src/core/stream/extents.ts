import { fail } from "../base/problem.ts";
import { scaleExact } from "../base/rational.ts";
import type { ValueName } from "../ir/graph.ts";
import type { DType } from "../ir/tensor.ts";
import type { StreamAnalysis } from "./analysis.ts";

/** Concrete sizes of the values of a graph when the model input advances by some number of frames per step. */
export interface Extents {
  readonly chunk: number;
  /** Frames per step of a streaming value; 1 for any other. */
  frames(value: ValueName): number;
  /** Shape per step. Symbolic axes other than time (a batch) are 1. */
  shape(value: ValueName): readonly number[] | undefined;
  dtype(value: ValueName): DType;
}

/** Throws `stream.chunkMultiple` unless every streaming value advances by a whole number of frames per chunk. */
export function extentsFor(analysis: StreamAnalysis, chunk: number): Extents {
  const { minimalChunk } = analysis;
  if (!Number.isInteger(chunk) || chunk < 1 || chunk % minimalChunk !== 0)
    fail({ code: "stream.chunkMultiple", chunk, minimalChunk });
  const frames = (value: ValueName): number => {
    const fact = analysis.facts.get(value);
    return fact?.kind === "stream" ? (scaleExact(fact.rate, chunk) ?? 0) : 1;
  };
  const { initializers } = analysis.graph;
  return {
    chunk,
    frames,
    shape(value) {
      const fact = analysis.facts.get(value);
      const shape = initializers.get(value)?.dims ?? analysis.inference.get(value)?.shape;
      const axis = fact?.kind === "stream" ? fact.axis : undefined;
      return shape?.map((d, i) => (i === axis ? frames(value) : typeof d === "number" ? d : 1));
    },
    dtype: (value) => initializers.get(value)?.dtype ?? analysis.inference.get(value)?.dtype ?? "float32",
  };
}
