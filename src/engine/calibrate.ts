import type { ValueName } from "../core/ir/graph.ts";
import { floats, type Tensor } from "../core/ir/tensor.ts";
import { Observer } from "../core/quant/observe.ts";
import type { Statistics } from "../core/quant/statistic.ts";
import type { StreamAnalysis } from "../core/stream/analysis.ts";
import { initialTensor } from "../core/stream/filled-tensor.ts";
import { calibrationModule } from "../core/stream/long-chunk.ts";
import type { Module } from "../core/stream/module.ts";
import { padFrames } from "./blocks.ts";
import type { ClipReader } from "./clip-reader.ts";
import { encodeGraph } from "./encode-graph.ts";
import { trueFrames } from "./frames-of.ts";
import type { OpenedModel } from "./open-model.ts";
import { overClips, type ProgressWatch } from "./over-clips.ts";
import type { Job, Runtime, Session } from "./ports.ts";
import type { CalibrationProgress, CalibrationReport } from "./reports.ts";

/** Observed activations held at once; with weights and one run of the model this bounds the memory of a calibration. */
const BLOCK_BYTES = 32 << 20;
const MOST_STEPS = 4096;

export interface CalibrateInput {
  readonly opened: OpenedModel;
  readonly analysis: StreamAnalysis;
  readonly chunk: number;
  readonly clips: readonly ClipReader[];
  /** What an earlier run over the first of these clips had found when it stopped; they are not run again. */
  readonly before?: CalibrationReport | undefined;
}

/**
 * Statistics of every activation, from the streaming graph on long chunks with caches carried (one clip after the
 * other, caches reset between them). Frames that are junk (the first `delay`) or padding (behind the last) do not count.
 * Cancelled after at least one clip: the finished clips, marked partial. Cancelled before: throws `job.cancelled`.
 */
export async function calibrate(
  { opened, analysis, chunk, clips, before }: CalibrateInput,
  runtime: Runtime,
  job: Job<CalibrationProgress>,
): Promise<CalibrationReport> {
  const observe = observedValues(analysis);
  const plan = blockPlan(opened, analysis, chunk, observe);
  const session = await runtime.open(encodeGraph(plan.module.graph, opened.normalized.opsets));
  try {
    return await overClips({ clips, before }, job, (clip, watch) => observeClip(clip, session, plan, watch));
  } finally {
    await session.release();
  }
}

/** Float activations that depend on time, model inputs included. */
export function observedValues(analysis: StreamAnalysis): ValueName[] {
  const names = [
    ...analysis.graph.inputs.map((v) => v.name),
    ...analysis.graph.nodes.flatMap((n) => n.outputs),
  ];
  return names.filter((name) => {
    const fact = analysis.facts.get(name);
    return fact && fact.kind !== "static" && analysis.inference.info(name).dtype === "float32";
  });
}

interface BlockPlan {
  readonly analysis: StreamAnalysis;
  readonly module: Module;
  readonly chunk: number;
  readonly steps: number;
  readonly observe: readonly ValueName[];
}

function blockPlan(
  opened: OpenedModel,
  analysis: StreamAnalysis,
  chunk: number,
  observe: readonly ValueName[],
): BlockPlan {
  const inputs = new Set(analysis.graph.inputs.map((v) => v.name));
  const computed = observe.filter((name) => !inputs.has(name));
  const build = (steps: number): Module =>
    calibrationModule(opened.normalized, analysis, { chunk, steps, observe: computed });
  const perStep = build(1).outputs.reduce((n, p) => n + 4 * p.shape.reduce((a, b) => a * b, 1), 0);
  const steps = Math.max(1, Math.min(MOST_STEPS, Math.floor(BLOCK_BYTES / Math.max(1, perStep))));
  return { analysis, module: build(steps), chunk, steps, observe };
}

async function observeClip(
  clip: ClipReader,
  session: Session,
  plan: BlockPlan,
  watch: ProgressWatch,
): Promise<Statistics> {
  const { module, chunk, steps } = plan;
  const observers = new Map(plan.observe.map((name) => [name, new Observer()]));
  let caches = Object.fromEntries(module.caches.map((c) => [c.input, initialTensor(c)] as const));
  clip.rewind();
  for (let done = 0; ; ) {
    await watch.checkpoint();
    const block = await clip.read(steps * chunk);
    if (!block) break;
    const { inputs, frames } = padFrames(block, plan.analysis, steps * chunk);
    const results = await session.run({ ...inputs, ...caches });
    for (const [name, observer] of observers) {
      const tensor = results[name] ?? inputs[name];
      const fact = plan.analysis.facts.get(name);
      if (!tensor || !fact || fact.kind === "static") throw new Error(`${name} was not observed`);
      const part = trueFrames(tensor, fact, { chunk, done, frames });
      if (part) observer.add(floats(part));
    }
    caches = Object.fromEntries(module.caches.map((c) => [c.input, results[c.output] as Tensor] as const));
    done += frames;
    watch.add(frames);
  }
  return new Map([...observers].map(([name, o]) => [name, o.statistic()]));
}
