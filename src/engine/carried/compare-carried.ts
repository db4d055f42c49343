import { fail } from "../../core/base/problem.ts";
import { concatAxis, sliceAxis } from "../../core/ir/axis.ts";
import type { ValueName } from "../../core/ir/graph.ts";
import { elements, floats, type Tensor } from "../../core/ir/tensor.ts";
import { ErrorMeter } from "../../core/quant/error-metrics.ts";
import type { ClipReader } from "../clip-reader.ts";
import { OUTPUT_TOLERANCE } from "../compare/compare-float.ts";
import type { OpenedModel } from "../open-model.ts";
import type { Job, Runtime } from "../ports.ts";
import type { CompareProgress, ParityReport } from "../reports.ts";
import { type Roll, RolledModel } from "../run-rolled.ts";
import { ScanRunner } from "../scan-runner.ts";
import { makerOf } from "../value-order.ts";
import { clipBlocks } from "./clip-blocks.ts";
import type { Carried } from "./prepare-carried.ts";

/** Steps of every clip that the file itself is run for: it takes one call of the runtime each. */
const MOST_STEPS = 4096;

/**
 * The file as it was opened, run step by step as a device would, against the module that is packaged, run many steps to a
 * call: every output of every step, the first MOST_STEPS of each clip. Throws `model.notANumber`
 * where the file itself gives NaN, which equals nothing.
 */
export async function compareCarried(
  opened: OpenedModel,
  { streaming, pairs, fixed }: Carried,
  clips: readonly ClipReader[],
  runtime: Runtime,
  job: Job<CompareProgress>,
): Promise<ParityReport> {
  const { model, analysis } = streaming;
  const { chunk } = model;
  const outputs = model.outputs.map((p) => p.name);
  const rolls: Record<ValueName, Roll> = {};
  for (const [name, axis] of Object.entries(analysis.axes)) rolls[name] = { axis, window: chunk, hop: chunk };
  const file = await RolledModel.open(runtime, opened, { pairs, rolls });
  const runner = await ScanRunner.open(runtime, model.modules, model.opsets);
  const meters = new Map<ValueName, ErrorMeter>(outputs.map((name) => [name, new ErrorMeter()]));
  let frames = 0;
  const compared: string[] = [];
  try {
    for (const [i, clip] of clips.entries()) {
      job.report({ stage: "parity", clip: i + 1, clipCount: clips.length, file: clip.file });
      const blocks = clipBlocks(clip, analysis, { chunk, steps: MOST_STEPS });
      const { value: block } = await blocks.next();
      await blocks.return(undefined);
      if (!block) continue;
      const expected = await file.run({ ...block.inputs, ...fixed }, job);
      for (const [name, steps] of expected) refuseNaN(name, clip.file, steps);
      const actual = await runner.run(block.inputs, job);
      for (const [name, meter] of meters) addSteps(meter, expected.get(name) ?? [], actual.get(name));
      compared.push(clip.file);
      frames += block.frames;
    }
  } finally {
    await file.release();
    await runner.release();
  }
  const maker = makerOf(analysis.graph);
  const summaries = [...meters].map(([name, m]) => m.summary(name, OUTPUT_TOLERANCE, maker(name)));
  const worst = Math.max(0, ...summaries.map((s) => s.maxRelative));
  const equal = summaries.every((s) => s.frames > 0 && s.maxRelative <= OUTPUT_TOLERANCE);
  return {
    against: "file",
    verdict: equal ? "exact" : "different",
    tolerance: OUTPUT_TOLERANCE,
    outputs: summaries,
    values: summaries,
    traces: outputs.map((name) => (meters.get(name) as ErrorMeter).trace(name)),
    original: { form: "rolled", runs: compared.length, maxRelative: worst },
    clips: compared,
    frames,
  };
}

function addSteps(meter: ErrorMeter, steps: readonly Tensor[], stacked: Tensor | undefined): void {
  if (!stacked || steps.length === 0) return;
  const expected = concatAxis(
    steps.map((t) => ({ ...t, dims: [1, ...t.dims] })),
    0,
  );
  const actual = sliceAxis(stacked, 0, 0, steps.length);
  meter.add(real(expected), real(actual), { dims: expected.dims, axis: 0 });
}

function refuseNaN(value: ValueName, file: string, steps: readonly Tensor[]): void {
  const bad = (t: Tensor) => t.dtype === "float32" && floats(t).some(Number.isNaN);
  if (steps.some(bad)) fail({ code: "model.notANumber", value, file });
}

function real(tensor: Tensor): Float32Array | Float64Array {
  if (tensor.dtype === "float32") return floats(tensor);
  return Float64Array.from(elements(tensor) as ArrayLike<number | bigint>, Number);
}
