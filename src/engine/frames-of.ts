import { sliceAxis } from "../core/ir/axis.ts";
import type { ValueName } from "../core/ir/graph.ts";
import type { Tensor } from "../core/ir/tensor.ts";
import type { StreamAnalysis } from "../core/stream/analysis.ts";
import type { StreamFact } from "../core/stream/fact.ts";

export type MovingFact = Exclude<StreamFact, { kind: "static" }>;

/** Frames of a value that exist after `inputFrames` frames of the model input, junk included. */
export function framesAfter(fact: MovingFact, inputFrames: number): number {
  return Math.floor((inputFrames * fact.rate.num) / fact.rate.den);
}

/** First step whose per-step value has a whole window of true frames behind it. */
export function firstTrueStep(fact: Extract<StreamFact, { kind: "perStep" }>, chunk: number): number {
  const needed = fact.windowFrames + fact.delay;
  let step = Math.max(0, Math.ceil((needed * fact.rate.den) / (fact.rate.num * chunk)) - 1);
  while (framesAfter(fact, (step + 1) * chunk) < needed) step++;
  return step;
}

/** Model-input frames, in whole chunks, after which each of `values` has had a true frame. */
export function framesUntilTrue(
  analysis: StreamAnalysis,
  values: readonly ValueName[],
  chunk: number,
): number {
  const stepsOf = (value: ValueName): number => {
    const fact = analysis.facts.get(value);
    if (!fact || fact.kind === "static") return 0;
    if (fact.kind === "perStep") return firstTrueStep(fact, chunk) + 1;
    return Math.ceil(((fact.delay + 1) * fact.rate.den) / (fact.rate.num * chunk));
  };
  return values.reduce((most, value) => Math.max(most, stepsOf(value) * chunk), 0);
}

/**
 * The part of a block of streaming output that is neither start-up junk nor end padding; undefined if nothing is left.
 * Streams have their frames on the fact's axis, per-step values their steps on axis 0.
 */
export function trueFrames(
  tensor: Tensor,
  fact: MovingFact,
  at: { readonly chunk: number; readonly done: number; readonly frames: number },
): Tensor | undefined {
  const [axis, from, to] = fact.kind === "stream" ? streamSpan(fact, at) : stepSpan(fact, at);
  return from < to ? sliceAxis(tensor, axis, from, to) : undefined;
}

type Span = readonly [axis: number, from: number, to: number];

function streamSpan(
  fact: Extract<StreamFact, { kind: "stream" }>,
  { done, frames }: { readonly done: number; readonly frames: number },
): Span {
  const start = framesAfter(fact, done);
  return [fact.axis, Math.max(0, fact.delay - start), framesAfter(fact, done + frames) - start];
}

function stepSpan(
  fact: Extract<StreamFact, { kind: "perStep" }>,
  { chunk, done, frames }: { readonly chunk: number; readonly done: number; readonly frames: number },
): Span {
  return [0, Math.max(0, firstTrueStep(fact, chunk) - done / chunk), Math.floor(frames / chunk)];
}
