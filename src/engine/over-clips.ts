import { StudioError } from "../core/base/problem.ts";
import { mergeAll } from "../core/quant/observe.ts";
import type { Statistics } from "../core/quant/statistic.ts";
import type { ClipReader } from "./clip-reader.ts";
import type { Job } from "./ports.ts";
import type { CalibrationProgress, CalibrationReport } from "./reports.ts";

const FOUND_EVERY_MS = 1000;

/** Clips in their order, and what an earlier run over the first of them had found. */
export interface ClipsToObserve {
  readonly clips: readonly ClipReader[];
  readonly before?: CalibrationReport | undefined;
}

/**
 * Statistics of one clip after the other, merged in the order of the clips: going on from `before` gives the numbers of one
 * run, bit for bit. Throws an earlier run over other clips away.
 * Cancelled after at least one clip: the finished clips, marked partial. Cancelled before: throws `job.cancelled`.
 */
export async function overClips(
  { clips, before }: ClipsToObserve,
  job: Job<CalibrationProgress>,
  observe: (clip: ClipReader, watch: ProgressWatch) => Promise<Statistics>,
): Promise<CalibrationReport> {
  const watch = new ProgressWatch(clips, job);
  let report: CalibrationReport = begun(clips, before) ?? {
    statistics: new Map(),
    clips: [],
    partial: true,
    frames: 0,
  };
  const skipped = report.clips.length;
  try {
    for (const [index, clip] of clips.entries()) {
      if (index < skipped) {
        watch.skip(clip);
        continue;
      }
      watch.clip(index);
      const statistics = mergeAll(report.statistics, await observe(clip, watch));
      const finished = [...report.clips, clip.file];
      const partial = finished.length < clips.length;
      report = { statistics, clips: finished, partial, frames: report.frames + clip.frames };
      if (partial) watch.found(report);
    }
  } catch (error) {
    const cancelled = error instanceof StudioError && error.problem.code === "job.cancelled";
    if (!cancelled || report.clips.length === 0) throw error;
  }
  return report;
}

/** The earlier run, if its clips are the first of these. */
function begun(
  clips: readonly ClipReader[],
  before: CalibrationReport | undefined,
): CalibrationReport | undefined {
  const same = before?.clips.every((file, i) => clips[i]?.file === file) ?? false;
  return same && before ? { ...before, partial: before.clips.length < clips.length } : undefined;
}

/** Counts frames and seconds over all clips and turns them into progress reports. */
export class ProgressWatch {
  private readonly clips: readonly ClipReader[];
  private readonly job: Job<CalibrationProgress>;
  private readonly framesTotal: number;
  private readonly startMs: number;
  private index = 0;
  private framesDone = 0;
  private framesSkipped = 0;
  private toldMs = Number.NEGATIVE_INFINITY;
  private secondsDone = 0;

  constructor(clips: readonly ClipReader[], job: Job<CalibrationProgress>) {
    this.clips = clips;
    this.job = job;
    this.framesTotal = clips.reduce((n, c) => n + c.frames, 0);
    this.startMs = job.now();
  }

  /** A clip that an earlier run has done. */
  skip(clip: ClipReader): void {
    this.framesSkipped += clip.frames;
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

  /** What is found so far, told at most once a second: it is copied between threads. */
  found(report: CalibrationReport): void {
    const now = this.job.now();
    if (now - this.toldMs < FOUND_EVERY_MS) return;
    this.toldMs = now;
    this.report(report);
  }

  private report(found?: CalibrationReport): void {
    const elapsed = (this.job.now() - this.startMs) / 1000;
    const left = this.framesTotal - this.framesSkipped - this.framesDone;
    this.job.report({
      clip: this.index + 1,
      clipCount: this.clips.length,
      file: this.clips[this.index]?.file ?? "",
      framesDone: this.framesSkipped + this.framesDone,
      framesTotal: this.framesTotal,
      timesRealTime: elapsed > 0 ? this.secondsDone / elapsed : 0,
      etaSeconds: this.framesDone > 0 ? (elapsed * left) / this.framesDone : 0,
      ...(found && { found }),
    });
  }
}
