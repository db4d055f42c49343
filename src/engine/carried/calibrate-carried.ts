import { makeNode, type ValueName } from "../../core/ir/graph.ts";
import { floats } from "../../core/ir/tensor.ts";
import { Observer } from "../../core/quant/observe.ts";
import type { Statistics } from "../../core/quant/statistic.ts";
import type { Module } from "../../core/stream/module.ts";
import type { Streaming } from "../../core/stream/streaming-model.ts";
import { observedValues } from "../calibrate.ts";
import type { ClipReader } from "../clip-reader.ts";
import { stepsWithinBudget } from "../compare/clip-inputs.ts";
import { type ClipsToObserve, overClips, type ProgressWatch } from "../over-clips.ts";
import type { Job, Runtime } from "../ports.ts";
import type { CalibrationProgress, CalibrationReport } from "../reports.ts";
import { ScanRunner } from "../scan-runner.ts";
import { clipBlocks } from "./clip-blocks.ts";
import type { Carried } from "./prepare-carried.ts";

/** Activations of one run that are held at once, and steps of one run at most. */
const BLOCK_BYTES = 32 << 20;
const MOST_STEPS = 1024;

/**
 * Statistics over the steps of a model that carries its own states: rolled over every clip from reset, as many steps in
 * one run as fit in memory, states carried from run to run. A last step that zero frames fill up counts as it is.
 * Cancelled after at least one clip: the finished clips, marked partial. Cancelled before: throws `job.cancelled`.
 */
export async function calibrateCarried(
  { streaming }: Carried,
  clips: ClipsToObserve,
  runtime: Runtime,
  job: Job<CalibrationProgress>,
): Promise<CalibrationReport> {
  const { model } = streaming;
  const observe = observedValues(streaming.analysis);
  const modules = model.modules.map(observable);
  const names = observe.map((name) => observedName(modules, name));
  const runner = await ScanRunner.open(runtime, modules, model.opsets, names);
  try {
    return await overClips(clips, job, (clip, watch) =>
      observeClip(clip, { streaming, modules, runner, observe, watch }),
    );
  } finally {
    await runner.release();
  }
}

/** A state leaves a run only once, after its last step: a copy tells what it was after each. */
function observable(module: Module): Module {
  const copies = module.caches.map((c) => makeNode("Identity", [c.output], [copyOf(c.output)]));
  return { ...module, graph: { ...module.graph, nodes: [...module.graph.nodes, ...copies] } };
}

function copyOf(state: ValueName): ValueName {
  return `${state}.each`;
}

function observedName(modules: readonly Module[], name: ValueName): ValueName {
  return modules.some((m) => m.caches.some((c) => c.output === name)) ? copyOf(name) : name;
}

interface Observation {
  readonly modules: readonly Module[];
  readonly streaming: Streaming;
  readonly runner: ScanRunner;
  readonly observe: readonly ValueName[];
  readonly watch: ProgressWatch;
}

async function observeClip(
  clip: ClipReader,
  { streaming: { model, analysis }, modules, runner, observe, watch }: Observation,
): Promise<Statistics> {
  const { chunk } = model;
  const steps = Math.min(MOST_STEPS, stepsWithinBudget(analysis, chunk, observe, BLOCK_BYTES));
  const observers = new Map(observe.map((name) => [name, new Observer()]));
  let first = true;
  await watch.checkpoint();
  for await (const { inputs, frames } of clipBlocks(clip, analysis, { chunk, steps })) {
    const results = await (first ? runner.run(inputs, watch) : runner.resume(inputs, watch));
    first = false;
    for (const [name, observer] of observers) {
      const tensor = results.get(observedName(modules, name)) ?? inputs[name];
      if (!tensor) throw new Error(`${name} was not observed`);
      observer.add(floats(tensor));
    }
    watch.add(frames);
  }
  return new Map([...observers].map(([name, o]) => [name, o.statistic()]));
}
