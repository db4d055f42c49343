/** One row of the table of schemes (reference: §10 of the theory). Loads in MACs per step, latencies in frames. */
export interface ScheduleRow {
  readonly scheme: "frameByFrame" | "wholeChunk" | "rotation";
  readonly peakMacs: number;
  readonly meanMacs: number;
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
  readonly kind: "sequential" | "rotation";
  /** Steps after which the pattern repeats. */
  readonly period: number;
  /** Model-input frames that arrive per schedule step. */
  readonly framesPerStep: number;
  /** First step at which each module runs. */
  readonly startSteps: readonly number[];
  /** The first steps, enough to see two chunks through. */
  readonly steps: readonly ScheduleStep[];
  readonly table: readonly ScheduleRow[];
  readonly chosen: ScheduleRow["scheme"];
}

/**
 * The rotation of one chunk through the modules. A schedule step takes `unit` frames (the smallest that the model can
 * take); W = chunk/unit steps fill a chunk, and from step W−1 on module (i − (W−1)) mod W runs at step i, so that the
 * load of a chunk spreads over W steps. With more modules than W, neighbours share a step. A single module, or a chunk
 * of one unit, leaves nothing to rotate: all modules run when the chunk is full.
 */
export function scheduleOf(macs: readonly number[], chunk: number, unit = 1): Schedule {
  const window = chunk / unit;
  if (!Number.isInteger(window)) throw new RangeError(`${chunk} is not a multiple of ${unit}`);
  const rotates = macs.length > 1 && window > 1;
  const slots = rotates ? Math.min(macs.length, window) : 1;
  const slotOf = macs.map((_, i) => Math.floor((i * slots) / macs.length));
  const loads = Array.from({ length: slots }, (_, s) =>
    macs.reduce((sum, m, i) => (slotOf[i] === s ? sum + m : sum), 0),
  );
  const steps: ScheduleStep[] = [];
  const first = window - 1;
  for (let step = 0; step < first + window + slots; step++) {
    const phase = step < first ? -1 : (step - first) % window;
    const runs = slotOf.flatMap((slot, i) => (slot === phase ? [i] : []));
    steps.push({ step, runs, completes: phase === slots - 1 });
  }
  return {
    kind: rotates ? "rotation" : "sequential",
    period: window,
    framesPerStep: unit,
    startSteps: slotOf.map((slot) => first + slot),
    steps,
    table: tableOf(macs, Math.max(...loads), slots, window, unit),
    chosen: rotates ? "rotation" : window > 1 ? "wholeChunk" : "frameByFrame",
  };
}

function tableOf(
  macs: readonly number[],
  peak: number,
  slots: number,
  window: number,
  unit: number,
): ScheduleRow[] {
  const total = macs.reduce((sum, m) => sum + m, 0);
  const mean = total / window;
  const row = (scheme: ScheduleRow["scheme"], peakMacs: number, newest: number, oldest: number) => ({
    scheme,
    peakMacs,
    meanMacs: mean,
    newestLatencyFrames: newest,
    oldestLatencyFrames: oldest,
  });
  const late = (slots - 1) * unit;
  return [
    row("frameByFrame", mean, 0, unit - 1),
    row("wholeChunk", total, 0, window * unit - 1),
    row("rotation", peak, late, window * unit - 1 + late),
  ];
}
