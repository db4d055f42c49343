import { fail } from "../base/problem.ts";
import { scaleExact } from "../base/rational.ts";
import type { ValueName } from "../ir/graph.ts";
import type { DType } from "../ir/tensor.ts";
import { dimAtOne } from "../ops/rules/dim.ts";
import type { StreamAnalysis } from "./analysis.ts";

/** Concrete sizes of the values of a graph when the model input advances by `steps` chunks per run. */
export interface Extents {
  /** Model-input frames per step. */
  readonly chunk: number;
  /** Steps that one chunk stands for (1, but for long calibration chunks). */
  readonly steps: number;
  /** Frames per run of a streaming value; 1 for any other. */
  frames(value: ValueName): number;
  /** Shape per run. Symbolic axes other than time (a batch) are 1. */
  shape(value: ValueName): readonly number[] | undefined;
  dtype(value: ValueName): DType;
}

/** Throws `stream.chunkMultiple` unless every streaming value advances by a whole number of frames per chunk. */
export function extentsFor(analysis: StreamAnalysis, chunk: number, steps = 1): Extents {
  const { minimalChunk } = analysis;
  if (!Number.isInteger(chunk) || chunk < 1 || chunk % minimalChunk !== 0)
    fail({ code: "stream.chunkMultiple", chunk, minimalChunk });
  return extentsOfPart(analysis, chunk, steps);
}

/** As `extentsFor`, for a part of the graph whose values advance by whole frames though those of others may not. */
export function extentsOfPart(analysis: StreamAnalysis, chunk: number, steps = 1): Extents {
  const frames = (value: ValueName): number => {
    const fact = analysis.facts.get(value);
    return fact?.kind === "stream" ? (scaleExact(fact.rate, chunk * steps) ?? 0) : 1;
  };
  const shapes = new Map<ValueName, readonly number[] | undefined>();
  const shapeOf = (value: ValueName): readonly number[] | undefined => {
    const sizes = timeSizes(analysis, value, frames);
    const shape = analysis.inference.info(value).shape;
    return shape?.map((d, i) => sizes.get(i) ?? (d === null ? 1 : dimAtOne(d)));
  };
  return {
    chunk,
    steps,
    frames,
    shape(value) {
      if (!shapes.has(value)) shapes.set(value, shapeOf(value));
      return shapes.get(value);
    },
    dtype: (value) => analysis.inference.info(value).dtype ?? "float32",
  };
}

/** Sizes of the axes along which time runs, per run: one for a stream, two inside an attention. */
function timeSizes(
  analysis: StreamAnalysis,
  value: ValueName,
  frames: (value: ValueName) => number,
): ReadonlyMap<number, number> {
  const grid = analysis.grids.get(value);
  if (grid) {
    const { query, history } = grid.frame;
    return new Map([
      [grid.queryAxis, frames(query)],
      [grid.keyAxis, history + frames(query)],
    ]);
  }
  const fact = analysis.facts.get(value);
  return new Map(fact?.kind === "stream" ? [[fact.axis, frames(value)]] : []);
}
