import { fail, type Problem, StudioError } from "../../core/base/problem.ts";
import type { Plan } from "../../core/plan/plan.ts";
import type { Statistics } from "../../core/quant/statistic.ts";
import type { EspdlTarget } from "../../core/targets/target.ts";
import { firstFrames, offlineInputs } from "../blocks.ts";
import { observedValues } from "../calibrate.ts";
import type { ClipReader } from "../clip-reader.ts";
import { clipInputs, stepsWithinBudget } from "../compare/clip-inputs.ts";
import type { Prepared } from "../evaluate.ts";
import { type Job, type Runtime, unreported } from "../ports.ts";
import { type ChipValueError, chipErrors } from "./chip-errors.ts";
import type { PlacedModel } from "./chip-model.ts";
import type { Sample } from "./place/observe-samples.ts";
import { placeOnClips } from "./place/place-on-clips.ts";

/** Whose choice of exponents: Rill's, or ESP-PPQ's with its defaults. */
export type ChipMode = "rill" | "esp-ppq";

/** The outputs under one choice of exponents; `problem` where it cannot be made. */
export interface ChipModeResult {
  readonly mode: ChipMode;
  /** Accumulated errors of every value. */
  readonly values: readonly ChipValueError[];
  readonly problem?: Problem;
}

/** Where the errors of a chip come from, measured on a part of the clips. */
export interface ChipReport {
  readonly target: string;
  readonly bits: 8 | 16;
  /** The mode of the plan. */
  readonly mode: ChipMode;
  /** Model-input frames on which everything here was measured. */
  readonly frames: number;
  /** Model outputs by name. */
  readonly outputs: readonly string[];
  /** The plan's mode first. */
  readonly modes: readonly ChipModeResult[];
}

export interface ExamineInput {
  readonly prepared: Prepared;
  readonly target: EspdlTarget;
  readonly statistics: Statistics;
  readonly clips: readonly ClipReader[];
  /** The exponents of the plan. */
  readonly placed: PlacedModel;
}

export interface ExamineProgress {
  readonly mode: ChipMode;
  readonly done: number;
  readonly total: number;
  /** Of both modes. */
  readonly portion: number;
}

/** Multiply-accumulates of one pass of the twin over all samples: a few seconds. */
const MOST_MACS = 300_000_000;
/** Clips from which frames are taken. */
const MOST_SAMPLES = 4;

/**
 * Own and accumulated error of every value under the plan's exponents, and beside it the same for the other mode: what
 * ESP-PPQ would have chosen, or what Rill would. Throws `data.none` without frames.
 */
export async function examineChip(
  input: ExamineInput,
  runtime: Runtime,
  job: Job<ExamineProgress>,
): Promise<ChipReport> {
  const { prepared, target, placed } = input;
  const { samples, frames } = await samplesOf(prepared, input.clips);
  if (samples.length === 0) fail({ code: "data.none" });
  const own: ChipMode = placed.compatible ? "esp-ppq" : "rill";
  const other: ChipMode = placed.compatible ? "rill" : "esp-ppq";
  const watch = (mode: ChipMode, before: number): Job<{ readonly done: number; readonly total: number }> => ({
    now: () => job.now(),
    checkpoint: () => job.checkpoint(),
    report: ({ done, total }) => job.report({ mode, done, total, portion: before + done / total / 2 }),
  });
  const values = await chipErrors({ placed, samples }, runtime, watch(own, 0));
  const modes: ChipModeResult[] = [{ mode: own, values }];
  try {
    const second = await otherPlacement(input, runtime, job);
    modes.push({
      mode: other,
      values: await chipErrors({ placed: second, samples }, runtime, watch(other, 0.5)),
    });
  } catch (error) {
    if (!(error instanceof StudioError) || error.problem.code === "job.cancelled") throw error;
    modes.push({ mode: other, values: [], problem: error.problem });
  }
  const { plan, streaming } = prepared;
  const outputs = streaming.model.outputs.map((p) => p.name);
  return { target: target.id, bits: plan.bits ?? 8, mode: own, frames, outputs, modes };
}

/** What the plan would give in the other mode, over the same clips. */
function otherPlacement(
  { prepared, target, statistics, clips, placed }: ExamineInput,
  runtime: Runtime,
  job: Pick<Job<unknown>, "checkpoint" | "now">,
): Promise<PlacedModel> {
  // ESP-PPQ knows no budget: its numbers have the width of the model.
  const { compatible: _, budget: __, ...own } = prepared.plan;
  const plan: Plan = placed.compatible ? own : { ...own, compatible: "esp-ppq" };
  const silent = unreported(job);
  return placeOnClips({ ...prepared, plan }, target, { statistics, clips }, runtime, silent);
}

/** The first frames of the first clips, equally long, as many as a few seconds of work allow. */
async function samplesOf(
  { analysis, streaming }: Prepared,
  clips: readonly ClipReader[],
): Promise<{ readonly samples: readonly Sample[]; readonly frames: number }> {
  const { stream } = analysis;
  const { roundFrames, modules } = streaming.model;
  const macs = modules.reduce((n, m) => n + (m.cost.macs * roundFrames) / m.chunk, 0);
  const held = stepsWithinBudget(stream, roundFrames, observedValues(stream));
  const budget = Math.max(1, Math.min(Math.floor(MOST_MACS / Math.max(1, macs)), held));
  const blocks: { readonly inputs: Sample; readonly steps: number }[] = [];
  for (const clip of clips.slice(0, MOST_SAMPLES)) {
    const whole = await clipInputs(clip, stream, roundFrames);
    if (whole) blocks.push(whole);
  }
  const [first] = blocks;
  const steps = Math.min(first?.steps ?? 0, Math.ceil(budget / Math.max(1, blocks.length)));
  const chosen = blocks.filter((b) => b.steps >= steps);
  const samples = chosen.map((b) =>
    offlineInputs(firstFrames(b.inputs, stream, steps * roundFrames), stream),
  );
  return { samples, frames: samples.length * steps * roundFrames };
}
