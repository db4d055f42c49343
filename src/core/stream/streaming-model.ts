import { fail } from "../base/problem.ts";
import type { Model, Node, ValueName } from "../ir/graph.ts";
import { realInputs } from "../ir/walk.ts";
import type { CacheMark, EndChoice, WarmUpChoice } from "../plan/plan.ts";
import type { StreamAnalysis } from "./analysis.ts";
import { extentsOfPart } from "./extents.ts";
import type { LoadModel } from "./load.ts";
import type { Module, Port, StreamingModel } from "./module.ts";
import { type Crossing, partition } from "./partition.ts";
import { roundFramesOf } from "./periods.ts";
import { portOf } from "./ports.ts";
import { type Schedule, scheduleOf } from "./schedule.ts";
import { withExactEnd, withWarmUp } from "./warm-up.ts";

/** The part of a plan that decides how a model streams. */
export interface StreamingOptions {
  readonly chunk: number;
  readonly caches?: Readonly<Record<ValueName, CacheMark>>;
  readonly splits?: readonly ValueName[];
  /** Name of the modules' graphs and files (default: the graph's own). */
  readonly name?: string;
  readonly warmUp?: WarmUpChoice | undefined;
  readonly end?: EndChoice | undefined;
  /** What a run costs on the device, for the schedule. */
  readonly load?: LoadModel | undefined;
}

export interface Streaming {
  readonly model: StreamingModel;
  /** The facts under the chosen warm-up policy: what the modules were made from. */
  readonly analysis: StreamAnalysis;
  /** Per module: the offline nodes that it computes. */
  readonly nodes: readonly (readonly Node[])[];
  readonly crossings: readonly Crossing[];
  readonly schedule: Schedule;
  /** Values whose cache was marked removed but aligns delays, and therefore stays (for those readers). */
  readonly keptAgainstMark: readonly ValueName[];
}

/**
 * The streaming form of a model under a plan. Throws the first refusal (`stream.refused`), `stream.notStreaming` if no
 * output depends on a streaming input, `stream.chunkMultiple`, `plan.unknownValue`, `plan.cutImpossible`.
 */
export function toStreaming(
  model: Pick<Model, "graph" | "opsets">,
  neutral: StreamAnalysis,
  { chunk, caches = {}, splits = [], name, warmUp, end, load }: StreamingOptions,
): Streaming {
  const first = neutral.refusals[0];
  if (first) fail(first.problem);
  const outputNames = model.graph.outputs.map((o) => o.name);
  const moving = outputNames.some((name) => (neutral.facts.get(name)?.kind ?? "static") !== "static");
  if (!moving) fail({ code: "stream.notStreaming", output: outputNames[0] ?? "" });
  const roundFrames = roundFramesOf(neutral, chunk);
  const analysis = withWarmUp(end === "exact" ? withExactEnd(neutral) : neutral, roundFrames, warmUp);
  const { modules, nodes, crossings } = partition(model, analysis, {
    chunk,
    splits,
    marks: caches,
    ...(name !== undefined && { name }),
  });
  const byName = new Map(modules.flatMap((m) => m.outputs).map((p) => [p.name, p]));
  const outputs = outputNames.map((name) => byName.get(name)).filter((p) => p !== undefined);
  const streaming: StreamingModel = {
    chunk,
    roundFrames,
    inputs: inputPorts(model, analysis, modules, chunk),
    outputs,
    modules,
    opsets: model.opsets,
    warmUp: { policy: analysis.warmUp, wrongFrames: wrongFramesOf(analysis, outputNames) },
    flushSteps: flushStepsOf(modules, outputs, chunk),
  };
  const schedule = scheduleOf(
    modules.map((m) => ({ ...m.cost, chunks: m.chunk / chunk, gateRuns: m.gateRuns })),
    { chunk, unit: roundFrames === chunk ? analysis.minimalChunk : chunk, ...(load && { load }) },
  );
  const kept = modules.flatMap((m) => m.caches.filter((c) => c.kind === "window").map((c) => c.value));
  const keptAgainstMark = [...new Set(kept.filter((value) => caches[value]?.state === "removed"))];
  return { model: streaming, analysis, nodes, crossings, schedule, keptAgainstMark };
}

function wrongFramesOf({ warmUp, wrong }: StreamAnalysis, outputs: readonly ValueName[]): number {
  return warmUp === "ignore" ? Math.max(0, ...outputs.map((name) => wrong.get(name) ?? 0)) : 0;
}

/** Steps to feed after the last real chunk until the last frame of an output has come out. */
function flushStepsOf(modules: readonly Module[], outputs: readonly Port[], chunk: number): number {
  const stepsOf = (module: Module, { kind, delay, framesPerStep }: Port): number => {
    const runs = Math.ceil(delay / (kind === "perStep" ? module.chunk : framesPerStep));
    const chunks = module.chunk / chunk;
    // A stream that ends in the middle of a slow module's chunks needs the rest of them too.
    return runs * chunks + (chunks - 1);
  };
  const all = modules.flatMap((m) => m.outputs.filter((p) => outputs.includes(p)).map((p) => stepsOf(m, p)));
  return Math.max(0, ...all);
}

function inputPorts(
  model: Pick<Model, "graph">,
  analysis: StreamAnalysis,
  modules: readonly Module[],
  chunk: number,
): Port[] {
  const read = new Map(modules.flatMap((m) => m.inputs).map((p) => [p.name, p]));
  const extents = extentsOfPart(analysis, chunk);
  return realInputs(model.graph).map(
    ({ name }) => read.get(name) ?? portOf(analysis, extents, name, new Set()),
  );
}
