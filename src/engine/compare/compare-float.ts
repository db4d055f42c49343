import { fail } from "../../core/base/problem.ts";
import { sliceAxis } from "../../core/ir/axis.ts";
import type { ValueName } from "../../core/ir/graph.ts";
import { elements, floats, type Tensor } from "../../core/ir/tensor.ts";
import { ErrorMeter } from "../../core/quant/error-metrics.ts";
import type { StreamAnalysis } from "../../core/stream/analysis.ts";
import type { StreamingModel } from "../../core/stream/module.ts";
import { firstFrames } from "../blocks.ts";
import { observedValues } from "../calibrate.ts";
import type { ClipReader } from "../clip-reader.ts";
import { framesUntilTrue } from "../frames-of.ts";
import type { OpenedModel } from "../open-model.ts";
import type { Job, Runtime } from "../ports.ts";
import type { CompareProgress, ParityReport } from "../reports.ts";
import { ScanRunner, unstacked } from "../scan-runner.ts";
import { align, runOffline } from "../twin-runs.ts";
import { makerOf, orderOf } from "../value-order.ts";
import { clipInputs, stepsWithinBudget } from "./clip-inputs.ts";
import { checkOriginal } from "./original-file.ts";

/**
 * Largest allowed error of an output, relative to its range: the runtime picks kernels by shape, so sums of the same
 * float32 products round differently for long and short inputs (measured 6e-7 a layer; phases of bins that are nearly
 * silent turn that into 8e-6).
 */
export const OUTPUT_TOLERANCE = 1e-5;
/** For inner values, whose range may be small against the terms of their sums. */
const VALUE_TOLERANCE = 1e-5;

export interface CompareInput {
  readonly opened: OpenedModel;
  readonly analysis: StreamAnalysis;
  readonly streaming: StreamingModel;
  readonly clips: readonly ClipReader[];
  /** The file itself is not run: it is another model than the one that streams. */
  readonly withoutFile?: true;
  /** Memory for inner values, if not the default. */
  readonly valueBytes?: number;
}

/**
 * Offline float against streaming float: the modules at their real chunk, on every frame, aligned by delay; outputs over
 * whole clips, inner values over as many steps as fit in memory. The opened file itself is run beside its normalised
 * form. Progress counts clips. Throws `model.notANumber` where the model itself gives NaN, which equals nothing, and
 * `audio.tooShort` for a clip that ends before the first true frame of an output.
 */
export async function compareFloat(
  { opened, analysis, streaming, clips, valueBytes, withoutFile }: CompareInput,
  runtime: Runtime,
  job: Job<CompareProgress>,
): Promise<ParityReport> {
  const { roundFrames: chunk } = streaming;
  const outputs = streaming.outputs.filter((p) => p.kind !== "static").map((p) => p.name);
  const values = observedValues(analysis);
  // A window that is read once per step must be there at least once.
  const least = Math.ceil(framesUntilTrue(analysis, values, chunk) / chunk);
  const budget = Math.max(least, stepsWithinBudget(analysis, chunk, values, valueBytes));
  const meters = new Map<ValueName, ErrorMeter>();
  const runner = await ScanRunner.open(runtime, streaming.modules, streaming.opsets, values);
  const short = await ScanRunner.open(runtime, streaming.modules, streaming.opsets);
  const needFrames = framesUntilTrue(analysis, outputs, chunk);
  const compared: string[] = [];
  let frames = 0;
  let original: ParityReport["original"] = { form: "none", runs: 0, maxRelative: 0 };
  try {
    for (const [i, clip] of clips.entries()) {
      job.report({ stage: "parity", clip: i + 1, clipCount: clips.length, file: clip.file });
      const whole = await clipInputs(clip, analysis, chunk);
      if (!whole) continue;
      if (whole.steps * chunk < needFrames)
        fail({ code: "audio.tooShort", file: clip.file, frames: clip.frames, needFrames });
      if (compared.length === 0 && !withoutFile)
        original = await checkOriginal(runtime, opened, analysis, whole, chunk);
      const all = Math.min(whole.steps, budget);
      const inner = runner.outputs.filter((v) => values.includes(v) || outputs.includes(v));
      const passes = [{ steps: all, run: runner, names: inner }];
      if (all < whole.steps) passes.push({ steps: whole.steps, run: short, names: outputs });
      for (const { steps, run, names } of passes) {
        const inputs = firstFrames(whole.inputs, analysis, chunk * steps);
        await job.checkpoint();
        const offline = await runOffline(
          runtime,
          opened.normalized,
          analysis,
          { chunk, steps },
          names,
          inputs,
        );
        const stream = await run.run(inputs, job);
        for (const name of names) {
          if (steps < whole.steps && outputs.includes(name)) continue;
          if (outputs.includes(name)) refuseNaN(name, clip.file, offline.get(name));
          const meter = meters.get(name) ?? new ErrorMeter();
          meters.set(name, meter);
          addAligned(meter, name, { analysis, chunk, steps }, offline.get(name), stream.get(name));
        }
      }
      compared.push(clip.file);
      frames += Math.min(clip.frames, whole.steps * chunk);
    }
  } finally {
    await runner.release();
    await short.release();
  }
  return { ...reportOf({ analysis, streaming, outputs, meters, original }), clips: compared, frames };
}

function refuseNaN(value: ValueName, file: string, offline: Tensor | undefined): void {
  if (offline?.dtype === "float32" && floats(offline).some(Number.isNaN))
    fail({ code: "model.notANumber", value, file });
}

interface At {
  readonly analysis: StreamAnalysis;
  readonly chunk: number;
  readonly steps: number;
}

/** The frames that offline and streaming have in common, cut out of both; undefined if there are none. */
export function alignedPair(
  name: ValueName,
  { analysis, chunk, steps }: At,
  offline: Tensor | undefined,
  streaming: Tensor | undefined,
): { offline: Tensor; streaming: Tensor; axis: number } | undefined {
  const fact = analysis.facts.get(name);
  if (!offline || !streaming || !fact || fact.kind === "static") return undefined;
  const stream = unstacked(streaming, fact.kind === "stream" ? fact.axis : undefined);
  const axis = fact.kind === "stream" ? fact.axis : 0;
  const extent = offline.dims[axis] ?? 0;
  const at = align(fact, { chunk, steps }, { extent, cleanLag: analysis.cleanLags.get(name) ?? 0 });
  if (at.length <= 0) return undefined;
  return {
    offline: sliceAxis(offline, axis, at.offlineFrom, at.offlineFrom + at.length),
    streaming: sliceAxis(stream, axis, at.streamingFrom, at.streamingFrom + at.length),
    axis,
  };
}

function addAligned(
  meter: ErrorMeter,
  name: ValueName,
  at: At,
  offline: Tensor | undefined,
  streaming: Tensor | undefined,
): void {
  const pair = alignedPair(name, at, offline, streaming);
  if (!pair) return;
  meter.add(real(pair.offline), real(pair.streaming), { dims: pair.offline.dims, axis: pair.axis });
}

/** Elements as numbers that the meter can take: integers and truth values are compared like any other. */
export function real(tensor: Tensor): Float32Array | Float64Array {
  if (tensor.dtype === "float32") return floats(tensor);
  return Float64Array.from(elements(tensor) as ArrayLike<number | bigint>, Number);
}

function reportOf(parts: {
  readonly analysis: StreamAnalysis;
  readonly streaming: StreamingModel;
  readonly outputs: readonly ValueName[];
  readonly meters: ReadonlyMap<ValueName, ErrorMeter>;
  readonly original: ParityReport["original"];
}): Omit<ParityReport, "clips" | "frames"> {
  const { analysis, streaming, meters, original } = parts;
  const maker = makerOf(analysis.graph);
  const order = orderOf(analysis.graph);
  const summaries = [...meters]
    .sort(([a], [b]) => order(a) - order(b))
    .map(([v, m]) => m.summary(v, toleranceOf(parts.outputs, v), maker(v)));
  const outputs = summaries.filter((s) => parts.outputs.includes(s.value));
  const bad = summaries.find((s) => s.maxRelative > toleranceOf(parts.outputs, s.value));
  const node = bad && maker(bad.value);
  const approximate = streaming.outputs.some((p) => p.exact.kind !== "exact");
  const equal =
    outputs.length === parts.outputs.length &&
    outputs.every((s) => s.frames > 0 && s.maxRelative <= OUTPUT_TOLERANCE) &&
    original.maxRelative <= OUTPUT_TOLERANCE;
  return {
    verdict: approximate ? "approximate" : equal ? "exact" : "different",
    tolerance: OUTPUT_TOLERANCE,
    outputs,
    values: summaries,
    traces: outputs.map((s) => (meters.get(s.value) as ErrorMeter).trace(s.value)),
    original,
    ...(bad && node !== undefined && { firstDivergent: { value: bad.value, node } }),
  };
}

function toleranceOf(outputs: readonly ValueName[], value: ValueName): number {
  return outputs.includes(value) ? OUTPUT_TOLERANCE : VALUE_TOLERANCE;
}
