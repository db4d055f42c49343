import { StudioError } from "../../src/core/base/problem.ts";
import { short } from "../../src/core/export/numbers.ts";
import { encodeModel } from "../../src/core/format/onnx/encode-model.ts";
import { printApproximation } from "../../src/core/plan/approximation-text.ts";
import { defaultPlan } from "../../src/core/plan/default-plan.ts";
import type { StreamAnalysis, TimeAxes } from "../../src/core/stream/analysis.ts";
import { statePairs, withoutStates } from "../../src/core/stream/state-pairs.ts";
import { analyse, approximateAll } from "../../src/engine/analyse.ts";
import { defaultFeatures } from "../../src/engine/analysis-report.ts";
import type { ClipReader } from "../../src/engine/clip-reader.ts";
import { type ClipSource, openClips } from "../../src/engine/clips.ts";
import { compareFloat } from "../../src/engine/compare/compare-float.ts";
import { compareModel, type Prepared, prepare } from "../../src/engine/evaluate.ts";
import { framesUntilTrue } from "../../src/engine/frames-of.ts";
import { noiseClip } from "../../src/engine/noise-clip.ts";
import { type NamedBytes, type OpenedModel, openModel } from "../../src/engine/open-model.ts";
import { declaredFrames } from "../../src/engine/original.ts";
import { type Runtime, SILENT_JOB } from "../../src/engine/ports.ts";
import { type ProbeReport, probeFacts } from "../../src/engine/probe-facts.ts";
import type { ParityReport } from "../../src/engine/reports.ts";
import { explain } from "../../src/explain/explain.ts";
import { firstFramesOf } from "../../test/first-frames.ts";
import { rollOnItsOwn } from "./roll.ts";
import { chooseTime } from "./time-axes.ts";

export type Outcome =
  | "exact"
  | "approximate"
  | "refused"
  | "already streaming"
  | "not a time series"
  | "not opened"
  /** Something that must not happen: a crash, a difference, a fact that measuring contradicts. */
  | "BUG";

export interface CorpusRow {
  readonly file: string;
  readonly outcome: Outcome;
  readonly nodes: number;
  /** What was done to find out, or the first reasons why not. */
  readonly said: string;
  readonly axes?: TimeAxes;
  readonly chunk?: number;
  readonly cacheBytes?: number;
  /** Output frames. */
  readonly delay?: number;
  /** Output frames by which an output was seen to look ahead: no streaming form can lag less. */
  readonly seenAhead?: number;
  /** Worst error of an output, of its range: streaming against offline, and offline against the opened file. */
  readonly worst?: number;
}

export interface Corpus {
  readonly runtime: Runtime;
  readonly speech: ClipSource | undefined;
}

const SPEECH_FRAMES = 300;
const SPEECH_SAMPLES = 24_000;

/** One row per model; a second one for a model with states and an open time axis: its offline form, states at zero. */
export async function assessModel(file: string, bytes: NamedBytes, corpus: Corpus): Promise<CorpusRow[]> {
  let opened: OpenedModel;
  try {
    opened = openModel([bytes]);
  } catch (error) {
    return [{ file, nodes: 0, ...failure(error, "not opened") }];
  }
  const nodes = opened.original.graph.nodes.length;
  const { pairs } = statePairs(opened.normalized, opened.inference);
  if (pairs.length === 0) return [await assessOffline(file, opened, corpus)];
  const rolled = await guarded(() => rollOnItsOwn(opened, corpus.runtime));
  const { openAxis = false, ...found } = rolled;
  const rows: CorpusRow[] = [{ file, nodes, ...found }];
  const offline = openModel([
    { name: bytes.name, bytes: encodeModel(withoutStates(opened.original, pairs)) },
  ]);
  if (openAxis) rows.push(await assessOffline(`${file}, states at zero`, offline, corpus));
  return rows;
}

async function assessOffline(file: string, opened: OpenedModel, corpus: Corpus): Promise<CorpusRow> {
  const nodes = opened.original.graph.nodes.length;
  const row = await guarded(async () => {
    const choice = chooseTime(opened);
    if (choice.kind === "notTimeSeries") return { outcome: "not a time series" as const, said: choice.why };
    const { axes, stream } = choice;
    const probe = await probeFacts(opened, stream, corpus.runtime);
    const [wrong] = probe.findings;
    if (wrong) return { outcome: "BUG" as const, axes, said: explain(wrong.problem, "en") };
    if (stream.refusals.length > 0) return { axes, ...(await approximated(opened, axes, stream, corpus)) };
    const seenAhead = aheadOf(opened, stream, probe);
    return { axes, seenAhead, ...(await convertAndCompare(opened, axes, stream, corpus)) };
  });
  return { file, nodes, ...row };
}

/** Steps of the smallest chunk and of three: a model must not care how its frames are dealt. */
async function convertAndCompare(
  opened: OpenedModel,
  axes: TimeAxes,
  { minimalChunk: chunk }: StreamAnalysis,
  corpus: Corpus,
): Promise<Omit<CorpusRow, "file" | "nodes" | "axes">> {
  let prepared: Prepared;
  try {
    prepared = prepare(opened, defaultPlan(opened, { axes, chunk }));
  } catch (error) {
    if (isProblem(error, "stream.")) return failure(error, "refused");
    throw error;
  }
  const { model } = prepared.streaming;
  const clips = await clipsFor(opened, prepared.analysis.stream, chunk, corpus);
  const parity = await compared(prepared, clips, corpus);
  const coarse = prepare(opened, defaultPlan(opened, { axes, chunk: 3 * chunk }));
  const again = await compared(coarse, [noiseClip(coarse.analysis.stream, 3 * chunk)], corpus);
  const { policy } = model.warmUp;
  const numbers = {
    chunk,
    cacheBytes: model.modules.reduce((n, m) => n + m.cost.cacheBytes, 0),
    delay: Math.max(0, ...model.outputs.map((p) => p.delay)),
    worst: Math.max(...[parity, again].map(worstOf)),
  };
  const divergent = [parity, again].find((p) => p.verdict === "different");
  if (divergent)
    return { ...numbers, outcome: "BUG", said: `differs, first at ${divergent.firstDivergent?.value}` };
  if (parity.original.form === "none")
    return { ...numbers, outcome: "BUG", said: "the opened file was not run: nothing is proved" };
  const length = parity.original.form === "ownLength" ? "its own length" : "any length";
  const start = policy === "causal-free" ? "" : `; warm-up: ${policy}`;
  return {
    ...numbers,
    outcome: parity.verdict === "approximate" ? "approximate" : "exact",
    said: `${parity.frames + again.frames} frames of ${parity.clips.join(", ")}; file at ${length}${start}`,
  };
}

/** A model that cannot stream exactly, with whatever stands in best; measured against its file on noise and speech. */
async function approximated(
  opened: OpenedModel,
  axes: TimeAxes,
  stream: StreamAnalysis,
  corpus: Corpus,
): Promise<Omit<CorpusRow, "file" | "nodes" | "axes">> {
  const approximations = approximateAll(opened, axes);
  const near = analyse(opened, axes, approximations);
  if (Object.keys(approximations).length === 0 || near.stream.refusals.length > 0) {
    const told = Object.keys(approximations).length === 0 ? "" : "; approximations do not help further";
    return { outcome: "refused", said: `${reasonsOf(near.stream)}${told}` };
  }
  const chunk = near.stream.minimalChunk;
  const prepared = prepare(opened, defaultPlan(opened, { axes, chunk, approximations }));
  const { model } = prepared.streaming;
  const clips = await clipsFor(opened, prepared.analysis.stream, model.roundFrames, corpus);
  const parity = await compareModel(prepared, clips, corpus.runtime, SILENT_JOB);
  const numbers = {
    chunk,
    cacheBytes: model.modules.reduce((n, m) => n + m.cost.cacheBytes, 0),
    delay: Math.max(0, ...model.outputs.map((p) => p.delay)),
    worst: Math.max(0, ...(parity.approximation?.outputs ?? []).map((o) => o.maxRelative)),
  };
  if (parity.verdict !== "approximate")
    return { ...numbers, outcome: "BUG", said: `differs, first at ${parity.firstDivergent?.value}` };
  const chosen = [...new Set(Object.values(approximations).map(printApproximation))].join(", ");
  const ends = (parity.approximation?.outputs ?? []).map((o) => `${short(o.lastRelative)}`).join(", ");
  const said = `${reasonsOf(stream)}: ${chosen}; by ${parity.approximation?.reference}, at the end ${ends}`;
  return { ...numbers, outcome: "approximate", said };
}

function compared(
  { opened, analysis, streaming }: Prepared,
  clips: readonly ClipReader[],
  { runtime }: Corpus,
): Promise<ParityReport> {
  const input = { opened, analysis: analysis.stream, streaming: streaming.model, clips };
  return compareFloat(input, runtime, SILENT_JOB);
}

function worstOf({ outputs, original }: ParityReport): number {
  return Math.max(original.maxRelative, ...outputs.map((o) => o.maxRelative));
}

function aheadOf(opened: OpenedModel, { minimalChunk, facts }: StreamAnalysis, probe: ProbeReport): number {
  const outputs = new Set(opened.original.graph.outputs.map((v) => v.name));
  const needs = probe.values.flatMap(({ value, reactions }) => {
    const fact = facts.get(value);
    if (!outputs.has(value) || fact?.kind !== "stream") return [];
    return reactions.map(({ at, first }) => {
      const before = Math.floor(at / minimalChunk) * minimalChunk;
      return Math.floor((before * fact.rate.num) / fact.rate.den) - first;
    });
  });
  return Math.max(0, ...needs);
}

/** Noise long enough for the file's own length, and speech where the input is audio or made of it. */
async function clipsFor(
  opened: OpenedModel,
  analysis: StreamAnalysis,
  chunk: number,
  { speech }: Corpus,
): Promise<ClipReader[]> {
  const declared = declaredFrames(opened.original.graph, analysis.axes) ?? 0;
  const outputs = analysis.graph.outputs.map((o) => o.name);
  const needed = framesUntilTrue(analysis, outputs, chunk);
  const clips = [noiseClip(analysis, chunk, { leastFrames: Math.max(declared, 2 * needed) })];
  const features = defaultFeatures({ stream: analysis });
  const kinds = Object.values(features).map((f) => f.kind);
  if (!speech || kinds.includes("tensor")) return clips;
  const most = kinds.includes("raw") ? SPEECH_SAMPLES : SPEECH_FRAMES;
  const spoken = await openClips([speech], analysis, { features });
  const length = Math.ceil(Math.max(most, needed) / chunk) * chunk;
  const long = spoken.filter((clip) => clip.frames >= needed);
  return [...clips, ...long.map((clip) => firstFramesOf(clip, Math.min(length, clip.frames)))];
}

/** The first refusals, each reason once. */
function reasonsOf({ refusals }: StreamAnalysis): string {
  const seen = new Map<string, string>();
  for (const { problem } of refusals) {
    if (problem.code !== "stream.refused") continue;
    const key = `${problem.op} ${problem.reason}`;
    if (!seen.has(key)) seen.set(key, `${key} at ${problem.node}`);
  }
  const all = [...seen.values()];
  const more = all.length > 3 ? `, ${all.length - 3} more` : "";
  return `${all.slice(0, 3).join("; ")}${more}`;
}

function isProblem(error: unknown, prefix: string): boolean {
  return error instanceof StudioError && error.problem.code.startsWith(prefix);
}

function failure(error: unknown, outcome: Outcome): { outcome: Outcome; said: string } {
  if (error instanceof StudioError) return { outcome, said: explain(error.problem, "en") };
  return { outcome: "BUG", said: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

/** Whatever is thrown where nothing may be is a bug. */
async function guarded<T>(
  work: () => Promise<T>,
): Promise<T | { outcome: Outcome; said: string; openAxis?: undefined }> {
  try {
    return await work();
  } catch (error) {
    return failure(error, "BUG");
  }
}
