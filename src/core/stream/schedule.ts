import { DEFAULT_LOAD, type LoadModel, loadSeconds, type Work } from "./load.ts";

/** One row of the table of schemes (reference: §10 of the theory). Loads per schedule step, latencies in frames. */
export interface ScheduleRow {
  readonly scheme: "frameByFrame" | "wholeChunk" | "rotation" | "multiRate";
  readonly peakMacs: number;
  readonly meanMacs: number;
  /** Estimated seconds of work, weights fetched at every run included. */
  readonly peakSeconds: number;
  readonly meanSeconds: number;
  /** From the arrival of a chunk's newest frame to its output; and of its oldest. */
  readonly newestLatencyFrames: number;
  readonly oldestLatencyFrames: number;
}

export interface ScheduleStep {
  readonly step: number;
  /** Modules that run, in order. */
  readonly runs: readonly number[];
  /** True if the outputs of a chunk come out. */
  readonly completes: boolean;
}

/** Which module runs at which step. */
export interface Schedule {
  readonly kind: "sequential" | "rotation" | "multiRate";
  /** Steps after which the pattern repeats. */
  readonly period: number;
  /** Model-input frames that arrive per schedule step. */
  readonly framesPerStep: number;
  /** Per module: steps from one run to the next. */
  readonly periods: readonly number[];
  /** First step at which each module runs. */
  readonly startSteps: readonly number[];
  /** The first steps, enough to see two chunks through. */
  readonly steps: readonly ScheduleStep[];
  readonly table: readonly ScheduleRow[];
  /** Seconds of one run per module, estimated by `load`. */
  readonly loadSeconds: readonly number[];
  readonly load: LoadModel;
  readonly chosen: ScheduleRow["scheme"];
}

/** What the schedule needs to know of a module. */
export interface ScheduledModule extends Work {
  /** Chunks per run. */
  readonly chunks?: number;
  /** Runs from reset that are left out. */
  readonly gateRuns?: number;
}

export interface ScheduleOptions {
  /** Model-input frames per chunk. */
  readonly chunk: number;
  /** Frames per schedule step: the smallest chunk that the model can take. */
  readonly unit?: number;
  readonly load?: LoadModel;
}

/** More steps than anyone reads; a long gate would fill pages. */
const MOST_STEPS = 96;

/**
 * When each module runs. A schedule step takes `unit` frames; W = chunk/unit steps fill a chunk, and from step W−1 on
 * module (i − (W−1)) mod W runs at step i, so that the load of a chunk spreads over W steps. With more modules than W,
 * neighbours share a step. A single module, or a chunk of one unit, leaves nothing to rotate: all modules run when the
 * chunk is full. Modules that wait for several chunks (multi-rate) run every so many steps, one after the other in the
 * steps while the next chunks are collected.
 */
export function scheduleOf(
  modules: readonly ScheduledModule[],
  { chunk, unit = 1, load = DEFAULT_LOAD }: ScheduleOptions,
): Schedule {
  const window = chunk / unit;
  if (!Number.isInteger(window)) throw new RangeError(`${chunk} is not a multiple of ${unit}`);
  const periods = modules.map((m) => window * (m.chunks ?? 1));
  const starts = startsOf(periods);
  const period = Math.max(...periods);
  const multiRate = periods.some((p) => p !== periods[0]);
  const rotates = multiRate || (modules.length > 1 && window > 1);
  const startSteps = starts.map((s, i) => s + (modules[i]?.gateRuns ?? 0) * (periods[i] ?? 1));
  const count = Math.min(MOST_STEPS, Math.max(...startSteps) + 1 + period);
  const last = modules.length - 1;
  const steps = Array.from({ length: count }, (_, step) => {
    const runs = runsAt(step, startSteps, periods);
    return { step, runs, completes: runs.includes(last) };
  });
  const seconds = modules.map((m) => loadSeconds(m, load));
  const table = tableOf({ modules, seconds, periods, starts, unit, load });
  return {
    kind: multiRate ? "multiRate" : rotates ? "rotation" : "sequential",
    period,
    framesPerStep: unit,
    periods,
    startSteps,
    steps,
    table,
    loadSeconds: seconds,
    load,
    chosen: multiRate ? "multiRate" : rotates ? "rotation" : window > 1 ? "wholeChunk" : "frameByFrame",
  };
}

/** First step of each module without gates: modules of one period share out the steps of that period in order. */
function startsOf(periods: readonly number[]): number[] {
  const starts: number[] = [];
  let [lastStart, lastPeriod] = [0, 1];
  for (let i = 0; i < periods.length; ) {
    const period = periods[i] ?? 1;
    let count = 0;
    while (periods[i + count] === period) count++;
    const base = lastStart + period - lastPeriod;
    const slots = Math.min(count, period);
    for (let k = 0; k < count; k++) starts.push(base + Math.floor((k * slots) / count));
    [lastStart, lastPeriod] = [base + slots - 1, period];
    i += count;
  }
  return starts;
}

function runsAt(step: number, starts: readonly number[], periods: readonly number[]): number[] {
  return starts.flatMap((start, i) => (step >= start && (step - start) % (periods[i] ?? 1) === 0 ? [i] : []));
}

interface TableInput {
  readonly modules: readonly ScheduledModule[];
  readonly seconds: readonly number[];
  readonly periods: readonly number[];
  readonly starts: readonly number[];
  readonly unit: number;
  readonly load: LoadModel;
}

/** Peak, mean and latency of each way to run the modules; frame by frame only where no module has to wait. */
function tableOf({ modules, seconds, periods, starts, unit, load }: TableInput): ScheduleRow[] {
  const macs = modules.map((m) => m.macs);
  const period = Math.max(...periods);
  const multiRate = periods.some((p) => p !== periods[0]);
  const first = Math.max(...starts);
  const weighted = (list: readonly number[], weight: (i: number) => number) =>
    list.reduce((total, x, i) => total + x * weight(i), 0);
  const perStep = (i: number) => 1 / (periods[i] ?? 1);
  const perRound = (i: number) => period / (periods[i] ?? 1);
  const round = Array.from({ length: period }, (_, k) => runsAt(first + k, starts, periods));
  const peak = (list: readonly number[]) =>
    Math.max(...round.map((runs) => runs.reduce((n, i) => n + (list[i] ?? 0), 0)));
  const means = { meanMacs: weighted(macs, perRound) / period, meanSeconds: weighted(seconds, perStep) };
  const wait = period * unit - 1;
  const late = (first - (period - 1)) * unit;
  const small = modules.map((m) => loadSeconds({ ...m, macs: m.macs / period }, load));
  const whole = modules.reduce((n, m, i) => n + loadSeconds({ ...m, macs: m.macs * perRound(i) }, load), 0);
  const everyStep = small.reduce((a, b) => a + b, 0);
  const frameByFrame: ScheduleRow = {
    scheme: "frameByFrame",
    peakMacs: means.meanMacs,
    meanMacs: means.meanMacs,
    peakSeconds: everyStep,
    meanSeconds: everyStep,
    newestLatencyFrames: 0,
    oldestLatencyFrames: unit - 1,
  };
  const wholeChunk: ScheduleRow = {
    ...means,
    scheme: "wholeChunk",
    peakMacs: weighted(macs, perRound),
    peakSeconds: whole,
    meanSeconds: whole / period,
    newestLatencyFrames: 0,
    oldestLatencyFrames: wait,
  };
  const spread: ScheduleRow = {
    ...means,
    scheme: multiRate ? "multiRate" : "rotation",
    peakMacs: peak(macs),
    peakSeconds: peak(seconds),
    newestLatencyFrames: late,
    oldestLatencyFrames: wait + late,
  };
  return multiRate ? [wholeChunk, spread] : [frameByFrame, wholeChunk, spread];
}
