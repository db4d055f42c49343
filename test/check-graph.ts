import { StudioError } from "../src/core/base/problem.ts";
import { concatAxis, sliceAxis, stackChunks, unstackChunks } from "../src/core/ir/axis.ts";
import { type Model, nodeKey } from "../src/core/ir/graph.ts";
import { floats, floatTensor, longTensor, type Tensor } from "../src/core/ir/tensor.ts";
import type { WarmUpChoice } from "../src/core/plan/plan.ts";
import type { StreamAnalysis } from "../src/core/stream/analysis.ts";
import { REMAINING } from "../src/core/stream/end-position.ts";
import { extentsFor } from "../src/core/stream/extents.ts";
import type { Cache, Module } from "../src/core/stream/module.ts";
import { scanWrapper } from "../src/core/stream/scan.ts";
import { type Streaming, toStreaming } from "../src/core/stream/streaming-model.ts";
import { historyOf, viewsOf } from "../src/core/stream/views.ts";
import { buildGraph, type GraphSpec } from "./random-graphs.ts";
import {
  analyse,
  compareStream,
  type Difference,
  differenceOf,
  integers,
  must,
  runGraph,
  runOffline,
  runScan,
  runSteps,
  stackSteps,
} from "./stream-lab.ts";

/* Streaming against offline for a random graph: every policy, every way of running, poisoned junk, exact ends. */

/** Values that may be cut: made by a node, read by another. */
export function splitOf(model: Model, pick: number | undefined): string[] {
  if (pick === undefined) return [];
  const read = new Set(model.graph.nodes.flatMap((n) => n.inputs));
  const values = model.graph.nodes.map((n) => n.outputs[0] ?? "").filter((v) => read.has(v));
  const value = values[pick % Math.max(1, values.length)];
  return value === undefined ? [] : [value];
}

export interface Outcome {
  /** degenerate: offline itself has no frames, or cannot run at this length. */
  readonly kind: "checked" | "refused" | "degenerate";
  readonly reasons: readonly string[];
  /** Readers that a start policy has to guard. */
  readonly flagged: boolean;
  /** Values that leave the model, compared once per policy and way of running. */
  readonly compared: number;
  readonly wrong: readonly { readonly policy: string; readonly difference: Difference }[];
}

/** Converts one random graph under every warm-up policy and compares each with offline. */
export async function checkGraph(
  spec: GraphSpec,
  policies: readonly WarmUpChoice[] = ["hold", "mask", "two-graph"],
): Promise<Outcome> {
  const none = { flagged: false, compared: 0, wrong: [], reasons: [] };
  const model = buildGraph(spec);
  if (!model) return { ...none, kind: "degenerate" };
  const neutral = analyse(model, { x: 2 });
  const reasons = neutral.refusals.map((r) => ("reason" in r.problem ? r.problem.reason : r.problem.code));
  if (reasons.length > 0) return { ...none, kind: "refused", reasons };
  const flagged = neutral.warmUp !== "causal-free";
  const chunk = neutral.minimalChunk * spec.factor;
  const splits = splitOf(model, spec.split);
  const made = (flagged ? policies : policies.slice(0, 1)).map((warmUp) => ({
    warmUp,
    streaming: toStreaming(model, neutral, { chunk, splits, warmUp }),
  }));
  for (const { warmUp, streaming } of made) {
    const held = streaming.model.modules.some((m) => m.caches.some((c) => c.holdSteps !== undefined));
    if (warmUp === "mask" && held) throw new Error("a masked graph asks the host to hold");
  }
  const lag = Math.max(...made.map(({ streaming }) => lagOf(streaming.analysis)));
  const steps = Math.max(4, Math.ceil((30 + lag) / chunk));
  const x = integers(spec.seed, [1, 2, chunk * steps], 3);
  const offline = await offlineOrNothing(model, neutral, { x }, { chunk, steps });
  if (!offline) return { ...none, kind: "degenerate", flagged };
  const wrong: { policy: string; difference: Difference }[] = [];
  let compared = 0;
  for (const { warmUp, streaming } of made) {
    // The wrapper for many steps holds one graph.
    for (const way of warmUp === "two-graph" ? (["poisoned"] as const) : (["poisoned", "scan"] as const)) {
      for (const difference of await differences(model, streaming, { x, chunk, steps, way }, offline)) {
        if (difference.frames > 0) compared++;
        if (difference.maxAbs !== 0) wrong.push({ policy: `${warmUp} ${way}`, difference });
      }
    }
  }
  const end = await endDifferences(model, { chunk, splits, seed: spec.seed, steps }, policies);
  for (const { policy, difference } of end) {
    compared++;
    if (difference.maxAbs !== 0) wrong.push({ policy: `${policy} end`, difference });
  }
  return { kind: compared > 0 ? "checked" : "degenerate", reasons: [], flagged, compared, wrong };
}

/** A clip whose length is no multiple of the chunk, flushed: every frame of offline must come out. */
async function endDifferences(
  model: Model,
  { chunk, splits, seed, steps }: { chunk: number; splits: readonly string[]; seed: number; steps: number },
  policies: readonly WarmUpChoice[],
): Promise<{ policy: string; difference: Difference }[]> {
  const frames = Math.max(1, chunk * steps - (seed % (2 * chunk)));
  const x = integers(seed, [1, 2, frames], 3);
  const neutral = analyse(model, { x: 2 });
  const offline = await runGraph(model, model.graph, { x }).catch(() => undefined);
  if (!offline) return [];
  const all: { policy: string; difference: Difference }[] = [];
  for (const warmUp of policies) {
    const streaming = toStreaming(model, neutral, { chunk, splits, warmUp, end: "exact" });
    for (const difference of await flushed(model, streaming, x, offline))
      all.push({ policy: warmUp, difference });
  }
  return all;
}

/** Streams all of x, tells the end with the last chunk (or `late` chunks after it), flushes, and compares all frames. */
export async function flushed(
  model: Model,
  { model: streaming, analysis }: Streaming,
  x: Tensor,
  offline: Readonly<Record<string, Tensor>>,
  late = 0,
): Promise<Difference[]> {
  const { chunk, modules, flushSteps } = streaming;
  const frames = x.dims[2] ?? 0;
  const last = Math.ceil(frames / chunk) - 1;
  // An output may have frames behind the input's end.
  const steps = last + 1 + flushSteps + TAIL_STEPS;
  const padding = floatTensor(new Array(2 * (steps * chunk - frames)).fill(Number.NaN), [
    1,
    2,
    steps * chunk - frames,
  ]);
  const feeds = { x: concatAxis([x, padding], 2) };
  const results = await runSteps(model, modules, feeds, steps, (caches, step) => {
    if (step === last + late && caches.has(REMAINING))
      caches.set(REMAINING, longTensor([frames - step * chunk]));
  });
  return model.graph.outputs.map(({ name }) => {
    const fact = analysis.facts.get(name);
    if (fact?.kind !== "stream") throw new Error(`${name} does not stream`);
    const expected = must(offline[name]);
    const count = expected.dims[fact.axis] ?? 0;
    const stitched = unstackChunks(stackSteps(results, name), fact.axis);
    const actual = sliceAxis(stitched, fact.axis, fact.delay, fact.delay + count);
    return { value: name, frames: count, ...differenceOf(actual, expected) };
  });
}

interface Run {
  readonly x: Tensor;
  readonly chunk: number;
  readonly steps: number;
  /** Step by step with junk at NaN, or all steps in one Scan. */
  readonly way: "poisoned" | "scan";
}

async function differences(
  model: Model,
  { model: streaming, analysis }: Streaming,
  { x, chunk, steps, way }: Run,
  offline: Readonly<Record<string, Tensor>>,
): Promise<Difference[]> {
  const outputs = model.graph.outputs.map((o) => o.name);
  const compare = (name: string, stacked: Tensor) =>
    compareStream(analysis, name, stacked, must(offline[name]), chunk);
  if (way === "scan") {
    const scanned = await runScan(model, scanWrapper(streaming.modules), { x: stackChunks(x, 2, chunk) });
    return outputs.map((name) => compare(name, must(scanned[name])));
  }
  const poison = poisonOf(analysis, streaming.modules, chunk, steps % 2 === 0 ? Number.NaN : HUGE);
  const results = await runSteps(model, streaming.modules, { x }, steps, poison);
  return outputs.map((name) => compare(name, stackSteps(results, name)));
}

/** Chunks behind the flush, for outputs that are longer than their input. */
const TAIL_STEPS = 16;

/** Above everything that a model computes. */
const HUGE = 1e6;

/** Fills every history whose initial contents no true frame may read: with NaN, which pools ignore, or a huge number. */
export function poisonOf(
  analysis: StreamAnalysis,
  modules: readonly Module[],
  chunk: number,
  junk: number = Number.NaN,
): (caches: Map<string, Tensor>, step: number) => void {
  const extents = extentsFor(analysis, chunk);
  const byKey = new Map(analysis.graph.nodes.map((n) => [nodeKey(n), n]));
  const free = (cache: Cache): boolean =>
    cache.kind === "window" &&
    cache.holdSteps === undefined &&
    cache.readers.every(({ node }) => {
      const reader = byKey.get(node);
      const views = reader ? viewsOf(analysis, extents, reader) : [];
      return views.every((v) => historyOf(v) === 0 || v.fill === undefined || v.hold?.late);
    });
  const all = modules.flatMap((m) => m.caches);
  // Two modules may call different histories of one value by the same name.
  const needed = new Set(all.filter((c) => !free(c)).map((c) => c.input));
  const names = new Set(all.map((c) => c.input).filter((name) => !needed.has(name)));
  return (caches, at) => {
    if (at > 0) return;
    for (const [name, tensor] of caches)
      if (names.has(name))
        caches.set(
          name,
          floatTensor(
            floats(tensor).map(() => junk),
            tensor.dims,
          ),
        );
  };
}

/** Model-input frames by which the latest output lags. */
function lagOf(analysis: StreamAnalysis): number {
  const lags = analysis.graph.outputs.map(({ name }) => {
    const fact = analysis.facts.get(name);
    return fact?.kind === "stream" ? (fact.delay * fact.rate.den) / fact.rate.num : 0;
  });
  return Math.max(0, ...lags);
}

/** A length that a regrouping does not divide cannot run offline either. */
async function offlineOrNothing(
  model: Model,
  analysis: StreamAnalysis,
  feeds: Readonly<Record<string, Tensor>>,
  at: { chunk: number; steps: number },
): Promise<Record<string, Tensor> | undefined> {
  try {
    return await runOffline(model, analysis, feeds, at);
  } catch (error) {
    if (error instanceof StudioError && error.problem.code === "model.runtimeRefused") return undefined;
    throw error;
  }
}
