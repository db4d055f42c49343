import fc from "fast-check";
import { StudioError } from "../src/core/base/problem.ts";
import { concatAxis, sliceAxis, stackChunks, unstackChunks } from "../src/core/ir/axis.ts";
import type { Model } from "../src/core/ir/graph.ts";
import { nodeKey } from "../src/core/ir/graph.ts";
import { floats, floatTensor, longTensor, type Tensor } from "../src/core/ir/tensor.ts";
import type { WarmUpChoice } from "../src/core/plan/plan.ts";
import type { StreamAnalysis } from "../src/core/stream/analysis.ts";
import { REMAINING } from "../src/core/stream/end-position.ts";
import { extentsFor } from "../src/core/stream/extents.ts";
import type { Cache, Module } from "../src/core/stream/module.ts";
import { scanWrapper } from "../src/core/stream/scan.ts";
import { type Streaming, toStreaming } from "../src/core/stream/streaming-model.ts";
import { historyOf, viewsOf } from "../src/core/stream/views.ts";
import {
  analyse,
  compareStream,
  type Difference,
  differenceOf,
  GraphSketch,
  integers,
  must,
  runGraph,
  runOffline,
  runScan,
  runSteps,
  stackSteps,
} from "./stream-lab.ts";

/*
 * Random graphs over every row of the transfer table that streams exactly. Weights in [-2, 2], inputs in [-3, 3], all
 * whole numbers (averages: quarters), folded back into a small range before they grow: float32 is exact, so any
 * difference is structural.
 */

export type Step =
  | { op: "conv"; k: number; dilation: number; stride: number; start: number; end: number; groups: number }
  | { op: "pool" | "average"; k: number; stride: number; start: number; end: number }
  | { op: "relu" | "neg" | "sigmoidLike" | "transpose" | "reshape" | "fold" | "unfold" }
  | { op: "overlap"; k: number; stride: number; dilation: number; start: number; end: number; extra: number }
  | { op: "sum"; exclusive: boolean }
  | { op: "recur" }
  | { op: "crop"; frames: number }
  | { op: "pad"; frames: number; value: number }
  | { op: "join"; kind: "Add" | "Sub" | "Concat"; k: number; ahead: number }
  | { op: "dense"; dilations: number[] }
  | { op: "residual"; k: number; ahead: number; depth: number };

/**
 * causal: every window is padded at least as far as it looks back, so nothing lags. ahead: nothing is padded in front, so
 * that delays may pile up. mixed: anything, which often needs a warm-up policy.
 */
export type Mode = "causal" | "ahead" | "mixed";

export interface GraphSpec {
  readonly steps: readonly Step[];
  readonly mode: Mode;
  readonly seed: number;
  /** Which value to split at; undefined: none. */
  readonly split: number | undefined;
  /** Chunk as a multiple of the smallest. */
  readonly factor: number;
}

const small = (max: number, min = 0) => fc.integer({ min, max });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant("conv" as const),
      k: small(4, 1),
      dilation: small(3, 1),
      stride: fc.constantFrom(1, 1, 1, 2, 3),
      start: small(9),
      end: small(4),
      groups: fc.constantFrom(1, 1, 2),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant("pool" as const),
      k: small(4, 1),
      stride: small(2, 1),
      start: small(3),
      end: small(3),
    }),
  },
  fc.record({
    op: fc.constant("average" as const),
    k: fc.constantFrom(2, 4),
    stride: small(2, 1),
    start: small(3),
    end: small(3),
  }),
  fc.record({
    op: fc.constantFrom(
      "relu" as const,
      "neg" as const,
      "sigmoidLike" as const,
      "transpose" as const,
      "reshape" as const,
      "fold" as const,
      "unfold" as const,
    ),
  }),
  fc.record({
    op: fc.constant("overlap" as const),
    k: small(4, 1),
    stride: small(3, 1),
    dilation: small(2, 1),
    start: small(3),
    end: small(3),
    extra: small(2),
  }),
  fc.record({ op: fc.constant("sum" as const), exclusive: fc.boolean() }),
  fc.record({ op: fc.constant("recur" as const) }),
  fc.record({ op: fc.constant("crop" as const), frames: small(3, 1) }),
  fc.record({ op: fc.constant("pad" as const), frames: small(4, 1), value: small(2) }),
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant("join" as const),
      kind: fc.constantFrom("Add" as const, "Sub" as const, "Concat" as const),
      k: small(5, 2),
      ahead: small(4),
    }),
  },
  fc.record({
    op: fc.constant("dense" as const),
    dilations: fc.array(small(4, 1), { minLength: 2, maxLength: 3 }),
  }),
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant("residual" as const),
      k: small(5, 2),
      ahead: small(4),
      depth: small(2, 1),
    }),
  },
);

export const graphSpec: fc.Arbitrary<GraphSpec> = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 6 }),
  mode: fc.constantFrom<Mode>("causal", "ahead", "mixed", "mixed", "mixed"),
  seed: small(100_000, 1),
  split: fc.option(small(20), { nil: undefined }),
  factor: small(3, 1),
});

function startPad(mode: Mode, wanted: number, extent: number, most: number): number {
  if (mode === "ahead") return 0;
  return Math.min(most, mode === "causal" ? Math.max(wanted, extent - 1) : wanted);
}

/** Keeps numbers within ±3 frame by frame: clip. */
function bounded(g: GraphSketch, x: string): string {
  return g.op("Clip", [x, "low", "high"]);
}

/** [1, C, T] as [1, T, C] and back, with a Reshape between that regroups time. */
function regrouped(g: GraphSketch, x: string, channels: number): string {
  const rows = g.op("Transpose", [x], { perm: [0, 2, 1] });
  const moved = g.op("Reshape", [rows, g.longs([1, -1, channels])]);
  const back = g.op("Transpose", [moved], { perm: [0, 2, 1] });
  return bounded(g, g.conv(back, [2, channels, 1]));
}

function overlap(g: GraphSketch, x: string, s: Extract<Step, { op: "overlap" }>): string {
  const kernel = s.dilation * (s.k - 1) + 1;
  const [weight, bias] = [integers(g.size, [2, 2, s.k], 2), integers(g.size, [2], 2)];
  const inputs = [x, g.constant(`ow${g.size}`, weight), g.constant(`ob${g.size}`, bias)];
  return bounded(
    g,
    g.op("ConvTranspose", inputs, {
      strides: [s.stride],
      dilations: [s.dilation],
      pads: [Math.min(s.start, kernel - 1), Math.min(s.end, kernel - 1)],
      output_padding: [Math.min(s.extra, s.stride - 1)],
    }),
  );
}

/** A recurrence over whole numbers: h ← Relu(clip(W·x + R·h + b)). */
function recur(g: GraphSketch, x: string): string {
  const weights = [
    [1, 2, 2],
    [1, 2, 2],
    [1, 4],
  ].map((dims, i) => g.constant(`r${g.size}.${i}`, integers(g.size + i, dims, 1)));
  const sequence = g.op("Transpose", [x], { perm: [2, 0, 1] });
  const h = g.op("RNN", [sequence, ...weights], {
    hidden_size: 2,
    clip: { kind: "float", value: 3 },
    activations: { kind: "strings", value: [new TextEncoder().encode("Relu")] },
  });
  const flat = g.op("Squeeze", [h, g.longs([1])]);
  return g.op("Transpose", [flat], { perm: [1, 2, 0] });
}

function lookAhead(mode: Mode, k: number, ahead: number): number {
  return mode === "causal" ? 0 : mode === "ahead" ? k - 1 : Math.min(ahead, k - 1);
}

function write(g: GraphSketch, x: string, s: Step, mode: Mode): string {
  switch (s.op) {
    case "conv": {
      const extent = s.dilation * (s.k - 1) + 1;
      const pads = [startPad(mode, s.start, extent, extent + 1), Math.min(s.end, extent)];
      const attributes = { pads, dilations: [s.dilation], strides: [s.stride], group: s.groups };
      return bounded(g, g.conv(x, [2, 2 / s.groups, s.k], attributes));
    }
    case "pool":
    case "average": {
      const pads = [startPad(mode, s.start, s.k, s.k - 1), Math.min(s.end, s.k - 1)];
      const window = { kernel_shape: [s.k], strides: [s.stride], pads };
      return s.op === "pool"
        ? g.op("MaxPool", [x], window)
        : g.op("AveragePool", [x], { ...window, count_include_pad: 1 });
    }
    case "relu":
      return g.op("Relu", [x]);
    case "neg":
      return g.op("Neg", [x]);
    case "sigmoidLike":
      // Zero does not stay zero: constant junk changes.
      return bounded(g, g.op("Add", [x, "high"]));
    case "transpose": {
      const rows = g.op("MatMul", [g.op("Transpose", [x], { perm: [0, 2, 1] }), "square"]);
      return bounded(g, g.op("Transpose", [rows], { perm: [0, 2, 1] }));
    }
    case "reshape":
      return g.op("Reshape", [
        g.op("Relu", [g.op("Reshape", [x, g.longs([2, 1, -1])])]),
        g.longs([1, 2, -1]),
      ]);
    case "fold":
      return regrouped(g, x, 4);
    case "unfold":
      return regrouped(g, x, 1);
    case "overlap":
      return overlap(g, x, s);
    case "sum": {
      const total = g.op("CumSum", [x, g.longs([2])], { exclusive: s.exclusive ? 1 : 0 });
      return g.op("Mod", [total, "four"], { fmod: 1 });
    }
    case "recur":
      return recur(g, x);
    case "crop":
      if (mode === "causal") return x;
      return g.op("Slice", [x, g.longs([s.frames]), g.longs([2 ** 31]), g.longs([2])]);
    case "pad": {
      const value = g.constant(`v${g.size}`, floatTensor([s.value], []));
      return g.op("Relu", [g.op("Pad", [x, g.longs([0, 0, s.frames, 0, 0, 0]), value])]);
    }
    case "join": {
      const ahead = lookAhead(mode, s.k, s.ahead);
      const branch = bounded(g, g.conv(x, [2, 2, s.k], { pads: [s.k - 1 - ahead, ahead] }));
      if (s.kind === "Add") return bounded(g, g.op("Add", [branch, x]));
      if (s.kind === "Sub") {
        const wide = g.op("Relu", [g.conv(x, [4, 2, 1])]);
        return bounded(g, g.op("Sub", [g.conv(branch, [2, 2, 1]), g.conv(wide, [2, 4, 1])]));
      }
      return bounded(g, g.conv(g.op("Concat", [x, branch], { axis: 1 }), [2, 4, 1]));
    }
    case "dense": {
      const sides = (d: number) => (mode === "ahead" ? [0, d] : [d, 0]);
      const branches = s.dilations.map((d) => g.conv(x, [2, 2, 2], { pads: sides(d), dilations: [d] }));
      return bounded(g, g.op("Sum", branches));
    }
    case "residual": {
      const ahead = lookAhead(mode, s.k, s.ahead);
      let y = x;
      for (let i = 0; i < s.depth; i++) {
        y = g.op("Relu", [bounded(g, g.conv(y, [2, 2, s.k], { pads: [s.k - 1 - ahead, ahead] }))]);
      }
      return bounded(g, g.op("Add", [y, x]));
    }
  }
}

/** The model of a spec; undefined if its steps come to nothing. An inner value goes out beside the last. */
export function buildGraph({
  steps,
  mode,
  seed,
}: Pick<GraphSpec, "steps" | "mode" | "seed">): Model | undefined {
  const g = new GraphSketch(seed);
  g.constant("low", floatTensor([-3], []));
  g.constant("high", floatTensor([3], []));
  g.constant("four", floatTensor([4], []));
  g.constant("square", integers(seed, [2, 2], 2));
  let x = g.input("x", [1, 2, "T"]);
  const all: string[] = [];
  for (const s of steps) {
    x = write(g, x, s, mode);
    all.push(x);
  }
  const inner = all[Math.floor(all.length / 2)];
  const outputs = [...new Set([x, inner ?? x])].filter((v) => v !== "x");
  return outputs.length > 0 ? g.model(outputs) : undefined;
}

/** Values that may be cut: made by a node, read by another. */
function splitOf(model: Model, pick: number | undefined): string[] {
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
  /** Frames that differ under "ignore", against the bound. */
  readonly ignored?: readonly { readonly frames: number; readonly bound: number }[];
}

/** Converts one random graph under every warm-up policy and compares each with offline. */
export async function checkGraph(
  spec: GraphSpec,
  policies: readonly WarmUpChoice[] = ["hold", "mask"],
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
    for (const way of ["poisoned", "scan"] as const) {
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
