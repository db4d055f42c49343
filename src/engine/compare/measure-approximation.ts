import { StudioError } from "../../core/base/problem.ts";
import type { ApproximationRecord, MeasuredError } from "../../core/export/package-input.ts";
import { encodeModel } from "../../core/format/onnx/encode-model.ts";
import type { ValueName } from "../../core/ir/graph.ts";
import { ErrorMeter, type ErrorSummary, type ErrorTrace } from "../../core/quant/error-metrics.ts";
import type { Block } from "../blocks.ts";
import { declaredFrames, lengthFree } from "../original.ts";
import type { Job, Runtime } from "../ports.ts";
import type { CompareProgress } from "../reports.ts";
import { ScanRunner } from "../scan-runner.ts";
import { makerOf } from "../value-order.ts";
import { clipInputs } from "./clip-inputs.ts";
import type { CompareApproximateInput } from "./compare-approximate.ts";
import { addPieces, addWhole, addWindows, type MeterOf } from "./measure-references.ts";
import { OpenedFile } from "./opened-file.ts";

type Reference = ApproximationRecord["reference"];

export interface Measured {
  readonly reference: Reference;
  readonly errors: ReadonlyMap<ValueName, MeasuredError>;
  readonly summaries: ReadonlyMap<ValueName, ErrorSummary>;
  readonly traces: ReadonlyMap<ValueName, ErrorTrace>;
  /** Runs of the opened file. */
  readonly runs: number;
}

/** Outputs, and values of replaced nodes, of the streaming modules against the opened file. */
export async function measureApproximation(
  { approximation, analysis, streaming, clips }: CompareApproximateInput,
  runtime: Runtime,
  job: Job<CompareProgress>,
): Promise<Measured> {
  const { source, applied } = approximation;
  const made = new Set(source.original.graph.nodes.flatMap((n) => n.outputs));
  const moving = (name: ValueName) => (analysis.facts.get(name)?.kind ?? "static") !== "static";
  const wanted = [...applied.flatMap((a) => a.values), ...streaming.outputs.map((p) => p.name)];
  const values = [...new Set(wanted)].filter((name) => made.has(name) && moving(name));
  const file = new OpenedFile(
    await runtime.open(encodeModel(lengthFree(source.original, analysis.axes, values)), {
      optimization: "disabled",
    }),
  );
  const runner = await ScanRunner.open(runtime, streaming.modules, streaming.opsets, values);
  const meters = new Map<ValueName, Meter>(
    values.map((v) => [v, new Meter(analysis.facts.get(v)?.kind === "perStep")]),
  );
  const meter: MeterOf = (name) => meters.get(name);
  const declared = declaredFrames(source.original.graph, analysis.axes);
  let reference = windowed(applied);
  try {
    for (const [i, clip] of clips.entries()) {
      job.report({ stage: "parity", clip: i + 1, clipCount: clips.length, file: clip.file });
      const whole = await clipInputs(clip, analysis, streaming.roundFrames);
      if (!whole) continue;
      const at = { analysis, chunk: streaming.roundFrames, steps: whole.steps, values, inputs: whole.inputs };
      const streamed = (inputs: Block) => runner.run(inputs, job);
      if (!reference || reference === "clip") {
        const results = await attempt(() => file.run(whole.inputs));
        reference = results ? "clip" : "ownLength";
        if (results) addWhole(at, results, await streamed(whole.inputs), meter);
      }
      const length = windowFrames(applied) ?? declared;
      if (reference === "window" && length !== undefined)
        await addWindows(at, length, { file, streamed }, meter);
      if (reference === "ownLength" && declared !== undefined)
        await addPieces(at, declared, { file, streamed }, meter);
      for (const m of meters.values()) m.endClip();
    }
  } finally {
    await file.session.release();
    await runner.release();
  }
  const maker = makerOf(analysis.graph);
  const filled = [...meters].filter(([, m]) => m.summary("").frames > 0);
  return {
    reference: reference ?? "clip",
    errors: new Map(filled.map(([v, m]) => [v, m.measured(v)])),
    summaries: new Map(filled.map(([v, m]) => [v, m.summary(v, 0, maker(v))])),
    traces: new Map(filled.map(([v, m]) => [v, m.trace(v)])),
    runs: file.runs,
  };
}

/**
 * An error meter that also keeps how far off the clips end. What offline has once has no range over time: its errors are
 * relative to its magnitude.
 */
class Meter extends ErrorMeter {
  private worstLast = 0;
  private readonly once: boolean;

  constructor(once: boolean) {
    super();
    this.once = once;
  }

  protected override referenceScale(): number {
    return this.once ? Math.max(this.magnitude, super.referenceScale()) : super.referenceScale();
  }

  endClip(): void {
    this.worstLast = Math.max(this.worstLast, this.lastError);
  }

  measured(value: ValueName): MeasuredError {
    const { maxAbs, maxRelative, sqnrDb, frames } = this.summary(value);
    const lastRelative = this.worstLast === 0 ? 0 : (this.worstLast / maxAbs) * maxRelative;
    return { value, maxRelative, sqnrDb, worstFrame: this.worstFrame, lastRelative, frames };
  }
}

function windowed(applied: CompareApproximateInput["approximation"]["applied"]): Reference | undefined {
  const kinds = applied.map((a) => a.approximation.kind);
  return kinds.some((k) => k === "windowExact" || k === "continuous") ? "window" : undefined;
}

function windowFrames(applied: CompareApproximateInput["approximation"]["applied"]): number | undefined {
  for (const { approximation } of applied)
    if (approximation.kind === "windowExact") return approximation.frames;
  return undefined;
}

/** undefined if the runtime refuses the file at this length. */
async function attempt<T>(run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof StudioError && error.problem.code === "model.runtimeRefused") return undefined;
    throw error;
  }
}
