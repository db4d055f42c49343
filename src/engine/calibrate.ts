import { StudioError } from "../core/base/problem.ts";
import type { ValueName } from "../core/ir/graph.ts";
import { floats, type Tensor } from "../core/ir/tensor.ts";
import { mergeAll, Observer } from "../core/quant/observe.ts";
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
}

/**
 * Statistics of every activation, from the streaming graph on long chunks with caches carried (one clip after the
 * other, caches reset between them). Frames that are junk (the first `delay`) or padding (behind the last) do not count.
 * Cancelled after at least one clip: the finished clips, marked partial. Cancelled before: throws `job.cancelled`.
 */
export async function calibrate(
  { opened, analysis, chunk, clips }: CalibrateInput,
  runtime: Runtime,
  job: Job<CalibrationProgress>,
): Promise<CalibrationReport> {
  const observe = observedValues(analysis);
  const plan = blockPlan(opened, analysis, chunk, observe);
  const session = await runtime.open(encodeGraph(plan.module.graph, opened.normalized.opsets));
  const watch = new ProgressWatch(clips, job);
  let statistics: Statistics = new Map();
  const finished: string[] = [];
  let frames = 0;
  try {
    for (const [index, clip] of clips.entries()) {
      watch.clip(index);
      statistics = mergeAll(statistics, await observeClip(clip, session, plan, watch));
      finished.push(clip.file);
      frames += clip.frames;
    }
  } catch (error) {
    const cancelled = error instanceof StudioError && error.problem.code === "job.cancelled";
    if (!cancelled || finished.length === 0) throw error;
  } finally {
    await session.release();
  }
  return { statistics, clips: finished, partial: finished.length < clips.length, frames };
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

/** Counts frames and seconds over all clips and turns them into progress reports. */
export class ProgressWatch {
  private readonly clips: readonly ClipReader[];
  private readonly job: Job<CalibrationProgress>;
  private readonly framesTotal: number;
  private readonly startMs: number;
  private index = 0;
  private framesDone = 0;
  private secondsDone = 0;

  constructor(clips: readonly ClipReader[], job: Job<CalibrationProgress>) {
    this.clips = clips;
    this.job = job;
    this.framesTotal = clips.reduce((n, c) => n + c.frames, 0);
    this.startMs = job.now();
  }

  /** A clip begins: said at once, since its first block may take a while. */
  clip(index: number): void {
    this.index = index;
    this.report();
  }

  async checkpoint(): Promise<void> {
    await this.job.checkpoint();
  }

  add(frames: number): void {
    const clip = this.clips[this.index];
    this.framesDone += frames;
    if (clip && clip.frames > 0) this.secondsDone += (clip.seconds * frames) / clip.frames;
    this.report();
  }

  private report(): void {
    const elapsed = (this.job.now() - this.startMs) / 1000;
    const left = this.framesTotal - this.framesDone;
    this.job.report({
      clip: this.index + 1,
      clipCount: this.clips.length,
      file: this.clips[this.index]?.file ?? "",
      framesDone: this.framesDone,
      framesTotal: this.framesTotal,
      timesRealTime: elapsed > 0 ? this.secondsDone / elapsed : 0,
      etaSeconds: this.framesDone > 0 ? (elapsed * left) / this.framesDone : 0,
    });
  }
}
