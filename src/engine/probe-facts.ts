import type { Finding, ProbedFact } from "../core/base/problem.ts";
import { StudioError } from "../core/base/problem.ts";
import { type Rational, rational } from "../core/base/rational.ts";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import type { ValueName } from "../core/ir/graph.ts";
import { floatTensor, sizeOf, type Tensor } from "../core/ir/tensor.ts";
import { realInputs } from "../core/ir/walk.ts";
import type { StreamAnalysis } from "../core/stream/analysis.ts";
import type { StreamFact } from "../core/stream/fact.ts";
import { filledTensor } from "../core/stream/filled-tensor.ts";
import { type Block, framesOfInput } from "./blocks.ts";
import { observedValues } from "./calibrate.ts";
import { changedFrames } from "./changed-frames.ts";
import { uniformNoise } from "./noise-clip.ts";
import type { OpenedModel } from "./open-model.ts";
import { declaredFrames, lengthFree } from "./original.ts";
import type { Runtime, Session } from "./ports.ts";
import { makerOf, orderOf } from "./value-order.ts";

/** Which frames of a value changed when one frame of the model's input did. */
export interface Reaction {
  readonly at: number;
  readonly first: number;
  readonly last: number;
}

/** What running the model shows of one value. Fields are lower bounds: a change may stay below float32's resolution. */
export interface ValueProbe {
  readonly value: ValueName;
  /** Axis whose length follows the input; absent if none does, or if only one length could be run. */
  readonly axis?: number;
  /** Frames per input frame, from the longest and the shortest run. */
  readonly rate?: Rational;
  /** Its frames at every length that was run. */
  readonly frames: readonly number[];
  readonly reactions: readonly Reaction[];
  /** Input frames before and after a frame's own position that reach it; absent if nothing moved, or no axis is known. */
  readonly field?: { readonly past: number; readonly future: number };
}

export interface ProbeReport {
  /** Input lengths that were run. */
  readonly lengths: readonly number[];
  readonly values: readonly ValueProbe[];
  /** Values whose derived fact contradicts a measurement, in graph order: the first is the culprit. */
  readonly findings: readonly Finding[];
}

export interface ProbeOptions {
  /** Input frames of the perturbed run; default: long enough for the derived receptive field. */
  readonly frames?: number;
  /** Input frames to perturb, one run each; default: two near the middle, in different phases of a stride. */
  readonly at?: readonly number[];
}

const LEAST_FRAMES = 48;
const MOST_FRAMES = 2048;

/**
 * Derives the facts a second time, by experiment: the opened file is run at several lengths, and with single input frames
 * replaced. Every value that the file makes and the rules speak of is compared; outputs are measured even where the rules
 * gave up. A file that runs only at its own length tells less.
 */
export async function probeFacts(
  opened: OpenedModel,
  analysis: StreamAnalysis,
  runtime: Runtime,
  options: ProbeOptions = {},
): Promise<ProbeReport> {
  const values = probedValues(opened, analysis);
  const file = encodeModel(lengthFree(opened.original, analysis.axes, values));
  // As written: fusing operators may take away values that are asked for.
  const session = await runtime.open(file, { optimization: "disabled" });
  try {
    const declared = declaredFrames(opened.original.graph, analysis.axes);
    const longest = options.frames ?? framesToProbe(analysis);
    const runs = await runLengths(session, opened, analysis, lengthsFrom(longest, analysis), declared);
    const base = runs.at(-1);
    if (!base) return { lengths: [], values: [], findings: [] };
    const reactions = new Map<ValueName, Reaction[]>(values.map((v) => [v, []]));
    for (const at of options.at ?? framesToPerturb(base.length, analysis)) {
      if (at >= base.length) continue;
      const perturbed = await session.run(inputsFor(opened, analysis, { length: base.length, replaced: at }));
      for (const value of values) {
        const [before, after] = [base.results[value] as Tensor, perturbed[value] as Tensor];
        const axis = axisFor(value, analysis, runs);
        const changed = changedFrames(before, after, axis);
        if (changed) reactions.get(value)?.push({ at, ...changed });
      }
    }
    const probes = values.map((v) => probeOf(v, analysis, runs, reactions.get(v) ?? []));
    const makes = makerOf(analysis.graph);
    const findings = probes.flatMap((probe) => {
      const found = contradiction(probe, analysis, runs);
      return found ? [findingOf(probe.value, makes(probe.value) ?? probe.value, found)] : [];
    });
    return { lengths: runs.map((r) => r.length), values: probes, findings };
  } finally {
    await session.release();
  }
}

interface Run {
  readonly length: number;
  readonly results: Readonly<Record<string, Tensor>>;
}

/** Float values that have a fact or are outputs, and that the opened file makes under the same name, in graph order. */
function probedValues(opened: OpenedModel, analysis: StreamAnalysis): ValueName[] {
  const made = new Set(opened.original.graph.nodes.flatMap((n) => n.outputs));
  const outputs = opened.original.graph.outputs
    .map((v) => v.name)
    .filter((name) => opened.inference.info(name).dtype === "float32");
  const names = new Set([...observedValues(analysis), ...outputs].filter((name) => made.has(name)));
  const order = orderOf(opened.original.graph);
  return [...names].sort((a, b) => order(a) - order(b));
}

function framesToProbe(analysis: StreamAnalysis): number {
  let reach = 1;
  for (const fact of analysis.facts.values()) {
    if (fact.kind === "static") continue;
    const { past, future } = fact.field;
    if (Number.isFinite(past) && Number.isFinite(future)) reach = Math.max(reach, past + future + 1);
  }
  return Math.min(MOST_FRAMES, Math.max(LEAST_FRAMES, 2 * Math.ceil(reach)));
}

/** Three lengths in growing order, all multiples of the smallest chunk; the last is the one that is perturbed. */
function lengthsFrom(longest: number, { minimalChunk }: StreamAnalysis): number[] {
  const last = Math.max(4, Math.ceil(longest / minimalChunk)) * minimalChunk;
  const half = Math.ceil(last / 2 / minimalChunk) * minimalChunk;
  return [half, last - minimalChunk, last];
}

function framesToPerturb(length: number, { minimalChunk }: StreamAnalysis): number[] {
  const middle = Math.floor(length / 2);
  return [...new Set([middle, middle + Math.max(1, Math.floor((minimalChunk * 3) / 8))])];
}

/** Runs at these lengths; at the declared one alone if the file takes no other. */
async function runLengths(
  session: Session,
  opened: OpenedModel,
  analysis: StreamAnalysis,
  lengths: readonly number[],
  declared: number | undefined,
): Promise<Run[]> {
  const runAll = async (all: readonly number[]): Promise<Run[]> => {
    const runs: Run[] = [];
    for (const length of all)
      runs.push({ length, results: await session.run(inputsFor(opened, analysis, { length })) });
    return runs;
  };
  try {
    return await runAll(lengths);
  } catch (error) {
    if (!(error instanceof StudioError) || error.problem.code !== "model.runtimeRefused") throw error;
    return declared === undefined ? [] : await runAll([declared]);
  }
}

/** Seeded noise for every input, the same for every length; one frame of the streaming inputs may be another's. */
function inputsFor(
  opened: OpenedModel,
  analysis: StreamAnalysis,
  { length, replaced }: { readonly length: number; readonly replaced?: number },
): Block {
  const next = uniformNoise(1);
  const other = uniformNoise(2);
  return Object.fromEntries(
    realInputs(opened.original.graph).map(({ name, shape = [], dtype = "float32" }) => {
      const axis = analysis.axes[name];
      const frames = framesOfInput(analysis, name, length) - (analysis.paces?.[name]?.delay ?? 0);
      const dims = shape.map((d, i) => (i === axis ? frames : typeof d === "number" ? d : 1));
      if (dtype !== "float32") return [name, filledTensor(dtype, dims, 0)];
      const data = Float32Array.from({ length: sizeOf(dims) }, next);
      if (axis !== undefined && replaced !== undefined) {
        const inner = sizeOf(dims.slice(axis + 1));
        const first = framesOfInput(analysis, name, replaced);
        for (let from = first * inner; from < data.length; from += frames * inner)
          for (let i = from; i < from + inner; i++) data[i] = 2 * other();
      }
      return [name, floatTensor(data, dims)];
    }),
  );
}

function axisFor(value: ValueName, analysis: StreamAnalysis, runs: readonly Run[]): number | undefined {
  const measured = growingAxes(value, runs);
  if (runs.length > 1) return measured[0];
  const fact = analysis.facts.get(value);
  if (fact?.kind === "stream") return fact.axis;
  const [run] = runs;
  const alike = (run?.results[value]?.dims ?? []).flatMap((d, i) => (d === run?.length ? [i] : []));
  return alike.length === 1 ? alike[0] : undefined;
}

/** Axes whose length differs between the runs. */
function growingAxes(value: ValueName, runs: readonly Run[]): number[] {
  const all = runs.map((r) => r.results[value]?.dims ?? []);
  return (all[0] ?? []).flatMap((d, i) => (all.some((dims) => dims[i] !== d) ? [i] : []));
}

function probeOf(
  value: ValueName,
  analysis: StreamAnalysis,
  runs: readonly Run[],
  reactions: readonly Reaction[],
): ValueProbe {
  const axis = axisFor(value, analysis, runs);
  const frames = runs.map((r) => (axis === undefined ? 1 : (r.results[value]?.dims[axis] ?? 0)));
  const [first, last] = [runs[0], runs.at(-1)];
  const span = (last?.length ?? 0) - (first?.length ?? 0);
  const rate =
    axis !== undefined && span > 0 ? rational((frames.at(-1) ?? 0) - (frames[0] ?? 0), span) : undefined;
  const fact = analysis.facts.get(value);
  const known = rate ?? (fact?.kind === "stream" ? fact.rate : undefined);
  const at = (frame: number): number => (known && known.num > 0 ? (frame * known.den) / known.num : frame);
  return {
    value,
    ...(axis !== undefined && runs.length > 1 && { axis }),
    ...(rate && { rate }),
    frames,
    reactions,
    ...(axis !== undefined &&
      reactions.length > 0 && {
        field: {
          past: Math.max(...reactions.map((r) => at(r.last) - r.at)),
          future: Math.max(...reactions.map((r) => r.at - at(r.first))),
        },
      }),
  };
}

interface Contradiction {
  readonly fact: ProbedFact;
  readonly derived: string;
  readonly measured: string;
}

function contradiction(
  probe: ValueProbe,
  analysis: StreamAnalysis,
  runs: readonly Run[],
): Contradiction | undefined {
  const fact = analysis.facts.get(probe.value);
  if (!fact) return undefined;
  const growing = growingAxes(probe.value, runs);
  if (fact.kind !== "stream") {
    if (growing.length > 0) return { fact: "axis", derived: "none", measured: growing.join(", ") };
    const moves = fact.kind === "static" && probe.reactions.length > 0;
    return moves ? { fact: "static", derived: "true", measured: "false" } : undefined;
  }
  if (runs.length > 1 && (growing.length !== 1 || growing[0] !== fact.axis))
    return { fact: "axis", derived: String(fact.axis), measured: growing.join(", ") || "none" };
  return wrongLength(probe, fact, analysis, runs) ?? wrongReach(probe, fact, analysis);
}

type StreamOf = Extract<StreamFact, { kind: "stream" }>;

/** Offline frames after n input frames are n·rate − delay + lag. */
function wrongLength(
  probe: ValueProbe,
  { rate, delay }: StreamOf,
  analysis: StreamAnalysis,
  runs: readonly Run[],
): Contradiction | undefined {
  const text = (r: Rational): string => (r.den === 1 ? String(r.num) : `${r.num}/${r.den}`);
  if (probe.rate && (probe.rate.num !== rate.num || probe.rate.den !== rate.den))
    return { fact: "rate", derived: text(rate), measured: text(probe.rate) };
  const lag = analysis.lags.get(probe.value);
  if (runs.length < 2 || lag === undefined) return undefined;
  for (const [i, { length }] of runs.entries()) {
    const frames = Math.floor((length * rate.num) / rate.den) - delay + lag;
    const measured = probe.frames[i];
    if (measured !== frames)
      return { fact: "length", derived: `${frames} / ${length}`, measured: `${measured} / ${length}` };
  }
  return undefined;
}

/** Input frame t reaches value frame j only if j/rate − past ≤ t ≤ j/rate + future, and never after j has come out. */
function wrongReach(
  { reactions, field: measured }: ValueProbe,
  { rate, delay, field }: StreamOf,
  { minimalChunk }: StreamAnalysis,
): Contradiction | undefined {
  if (!measured) return undefined;
  for (const side of ["past", "future"] as const) {
    // Positions of frames are sums of fractions.
    if (measured[side] > field[side] + 1e-6)
      return { fact: side, derived: `≤ ${field[side]}`, measured: String(measured[side]) };
  }
  for (const { at, first } of reactions) {
    const before = Math.floor(at / minimalChunk) * minimalChunk;
    const needed = Math.floor((before * rate.num) / rate.den) - first;
    if (needed > delay) return { fact: "delay", derived: String(delay), measured: `≥ ${needed}` };
  }
  return undefined;
}

function findingOf(value: ValueName, node: string, found: Contradiction): Finding {
  return { severity: "error", problem: { code: "stream.probeDisagrees", value, node, ...found } };
}
