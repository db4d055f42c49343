import { fail } from "../core/base/problem.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { Statistics } from "../core/quant/statistic.ts";
import type { Streaming } from "../core/stream/streaming-model.ts";
import { targetById } from "../core/targets/catalogue.ts";
import { type Analysis, analyse, requireAxis } from "./analyse.ts";
import { calibrate } from "./calibrate.ts";
import { calibrateCarried } from "./carried/calibrate-carried.ts";
import { compareCarried } from "./carried/compare-carried.ts";
import { compareQuantized } from "./carried/compare-quantized.ts";
import { type Carried, isCarried, prepareCarried } from "./carried/prepare-carried.ts";
import { quantizeCarried } from "./carried/quantize-carried.ts";
import type { ClipReader } from "./clip-reader.ts";
import { compareApproximate } from "./compare/compare-approximate.ts";
import { compareFloat } from "./compare/compare-float.ts";
import { compareIntegers } from "./compare/compare-integers.ts";
import { convertModel } from "./convert-model.ts";
import { evaluateChip, type QuantizedChip } from "./esp/evaluate-chip.ts";
import { unmeasuredNodes } from "./freeze-statistics.ts";
import { type OpenedModel, requireFloatNodes } from "./open-model.ts";
import type { Job, Runtime } from "./ports.ts";
import { type QuantizedModel, quantize } from "./quantize.ts";
import type {
  CalibrationProgress,
  CalibrationReport,
  CompareProgress,
  ParityReport,
  QuantizationReport,
} from "./reports.ts";

/**
 * A model under a plan: what every later use case starts from. Its facts are those under the warm-up policy; `opened` is
 * the model that streams (see `Analysis`).
 */
export interface Prepared {
  readonly opened: OpenedModel;
  readonly plan: Plan;
  readonly analysis: Analysis;
  readonly streaming: Streaming;
  /** Present if the model already streams: it is rolled with its own states. */
  readonly carried?: Carried;
}

/** Throws if no input streams, if something is refused, or if the plan does not fit the model. */
export function prepare(opened: OpenedModel, plan: Plan): Prepared {
  const [unmeasured] = unmeasuredNodes(plan.approximations);
  if (unmeasured !== undefined) fail({ code: "plan.unmeasured", node: unmeasured });
  if (isCarried(plan)) {
    const carried = prepareCarried(opened, plan);
    const { streaming } = carried;
    return {
      opened,
      plan,
      analysis: { stream: streaming.analysis, candidates: [], opened },
      streaming,
      carried,
    };
  }
  const analysis = analyse(opened, plan.axes, plan.approximations, plan.rates);
  requireAxis(analysis);
  const streaming = convertModel(analysis.opened, analysis.stream, forTarget(plan));
  const prepared = { ...analysis, stream: streaming.analysis };
  return { opened: analysis.opened, plan, analysis: prepared, streaming };
}

/** A chip has no kernels for masks: there, first contents are held unless the plan says otherwise. Throws `target.warmUp`. */
export function forTarget(plan: Plan): Plan {
  const { exporter, label } = targetById(plan.target);
  const { warmUp = "auto" } = plan;
  if (exporter !== "espdl") return plan;
  if (warmUp === "mask" || warmUp === "two-graph")
    fail({ code: "target.warmUp", target: label, policy: warmUp });
  return warmUp === "auto" ? { ...plan, warmUp: "hold" } : plan;
}

/** Parity in float, and the quantized model in the form of the target: QDQ or what a chip runs. */
export interface Evaluation extends Prepared {
  readonly parity: ParityReport;
  readonly quantized?: Pick<QuantizedModel, "modules" | "opsets" | "params" | "findings">;
  readonly chip?: QuantizedChip;
  readonly quantization: QuantizationReport;
}

/** Parity and quantization of a prepared model on these clips. Throws `model.quantized` where a chip gets integers of the model's own. */
export async function evaluate(
  prepared: Prepared,
  statistics: Statistics,
  clips: readonly ClipReader[],
  runtime: Runtime,
  job: Job<CompareProgress>,
): Promise<Evaluation> {
  const { opened, plan, streaming, carried } = prepared;
  const target = targetById(plan.target);
  if (target.exporter === "espdl") {
    requireFloatNodes(opened);
    if (carried) return fail({ code: "target.carried", target: target.label });
    const parity = await compareModel(prepared, clips, runtime, job);
    return {
      ...prepared,
      parity,
      ...(await evaluateChip(prepared, target, statistics, clips, runtime, job)),
    };
  }
  if (carried) {
    const parity = await compareCarried(opened, carried, clips, runtime, job);
    const quantized = quantizeCarried(carried, statistics, plan);
    const input = { carried, quantized, method: plan.method, clips };
    const quantization = await compareQuantized(input, runtime, job);
    return { ...prepared, parity, quantized, quantization };
  }
  const analysis = prepared.analysis.stream;
  const { model } = streaming;
  const input = { opened, analysis, streaming: model, clips };
  const parity = await compareModel(prepared, clips, runtime, job);
  const keepFloat = [...plan.keepFloat, ...(prepared.analysis.approximation?.inner ?? [])];
  const quantized = quantize(opened, analysis, model.modules, statistics, { ...plan, keepFloat });
  const quantization = await compareIntegers({ ...input, quantized, method: plan.method }, runtime, job);
  return { ...prepared, parity, quantized, quantization };
}

/** Float streaming against offline: exact, or measured against the model in which nothing was approximated. */
export async function compareModel(
  { opened, analysis, streaming, carried }: Prepared,
  clips: readonly ClipReader[],
  runtime: Runtime,
  job: Job<CompareProgress>,
): Promise<ParityReport> {
  if (carried) return compareCarried(opened, carried, clips, runtime, job);
  const { approximation, stream } = analysis;
  const input = { opened, analysis: stream, streaming: streaming.model, clips };
  if (!approximation || approximation.applied.length === 0) return compareFloat(input, runtime, job);
  return compareApproximate({ ...input, approximation }, runtime, job);
}

/** Statistics of a prepared model on these clips, going on from what an earlier run had found. */
export function calibrateModel(
  { opened, plan, analysis, streaming, carried }: Prepared,
  clips: readonly ClipReader[],
  runtime: Runtime,
  job: Job<CalibrationProgress>,
  before?: CalibrationReport,
) {
  if (targetById(plan.target).exporter === "espdl") requireFloatNodes(opened);
  if (carried) return calibrateCarried(carried, { clips, before }, runtime, job);
  return calibrate(
    { opened, analysis: analysis.stream, chunk: streaming.model.roundFrames, clips, before },
    runtime,
    job,
  );
}
