import { fail } from "../core/base/problem.ts";
import type { PackagedCache, PackagedPort } from "../core/export/package-input.ts";
import type { Model, ValueName } from "../core/ir/graph.ts";
import type { Tensor } from "../core/ir/tensor.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { QuantParams } from "../core/quant/scheme.ts";
import type { StreamAnalysis } from "../core/stream/analysis.ts";
import type { Module, StreamingModel } from "../core/stream/module.ts";
import type { Schedule } from "../core/stream/schedule.ts";
import { stepInputs } from "./carried/clip-blocks.ts";
import type { ClipReader } from "./clip-reader.ts";
import { clipInputs } from "./compare/clip-inputs.ts";
import { encodeGraph } from "./encode-graph.ts";
import { chipRequest } from "./esp/chip-request.ts";
import type { Evaluation, Prepared } from "./evaluate.ts";
import { modelName } from "./model-name.ts";
import { modelRecord } from "./model-record.ts";
import type { PackageRequest, UnpackedModule } from "./package-model.ts";

/** Steps whose inputs, caches and outputs go into the package as test vectors. */
const VECTOR_STEPS = 16;

/** An evaluated plan, or one of which only the float side was compared. */
export type Evaluated = Prepared &
  Pick<Evaluation, "parity"> &
  Partial<Pick<Evaluation, "quantized" | "chip" | "quantization">>;

/** Everything the package tells, from an evaluated plan. The first clip gives the test vectors. */
export async function packageRequest(
  evaluation: Evaluated,
  clips: readonly ClipReader[],
): Promise<PackageRequest> {
  const { opened, plan, streaming, quantized, chip, parity, quantization } = evaluation;
  const { model, schedule } = streaming;
  const rateHz = rateOf(plan);
  const steps = await firstStepInputs(evaluation.analysis.stream, clips, model);
  return {
    fileName: `${modelName(opened.name)}-${plan.target}.zip`,
    plan,
    model: modelRecord(opened),
    ...(rateHz !== undefined && { rateHz }),
    chunk: model.chunk,
    inputs: model.inputs,
    outputs: model.outputs,
    float: model.modules.map((m, i) => unpacked(m, i, schedule, model.opsets)),
    ...(quantized && {
      int8: quantized.modules.map((m, i) => unpacked(m, i, schedule, quantized.opsets, quantized.params)),
    }),
    schedule,
    warmUp: model.warmUp,
    flushSteps: model.flushSteps,
    parity,
    ...(quantization && { quantization }),
    findings: [...opened.findings, ...(quantized?.findings ?? [])],
    steps,
    ...(chip && { chip: await chipRequest(chip, { steps, schedule, chunk: model.chunk, plan }) }),
  };
}

function unpacked(
  module: Module,
  index: number,
  schedule: Schedule,
  opsets: Model["opsets"],
  params?: ReadonlyMap<ValueName, QuantParams>,
): UnpackedModule {
  const withScale = <T extends { readonly dtype: string }>(
    record: T,
    value: ValueName,
  ): T & { scale?: number; zeroPoint?: number } => {
    const p = record.dtype === "float32" ? undefined : params?.get(value);
    const [scale, zeroPoint] = [p?.scales[0], p?.zeroPoints[0]];
    return scale === undefined || zeroPoint === undefined ? record : { ...record, scale, zeroPoint };
  };
  const inputs: PackagedPort[] = module.inputs.map((p) => withScale(p, p.name));
  const outputs: PackagedPort[] = module.outputs.map((p) => withScale(p, p.name));
  const caches: PackagedCache[] = module.caches.map((c) => withScale(c, c.value));
  return {
    name: module.name,
    bytes: encodeGraph(module.graph, opsets),
    period: schedule.periods[index] ?? schedule.period,
    startStep: schedule.startSteps[index] ?? 0,
    gateRuns: module.gateRuns,
    inputs,
    outputs,
    caches,
    cost: module.cost,
    ...(module.start && {
      start: {
        runs: module.start.runs,
        bytes: encodeGraph(module.start.graph, opsets),
        caches: module.start.caches,
      },
    }),
  };
}

async function firstStepInputs(
  analysis: StreamAnalysis,
  clips: readonly ClipReader[],
  { chunk, roundFrames, modules }: StreamingModel,
): Promise<Record<ValueName, Tensor>[]> {
  const [clip] = clips;
  const whole = clip && (await clipInputs(clip, analysis, roundFrames));
  if (!whole) fail({ code: "data.none" });
  const chunks = roundFrames / chunk;
  // Where the first runs have a graph of their own, both graphs must be seen at work.
  const started = Math.max(0, ...modules.map((m) => ((m.start?.runs ?? 0) * m.chunk) / chunk));
  const rounds = Math.min(Math.ceil((started + VECTOR_STEPS) / chunks), whole.steps);
  const count = rounds * chunks;
  return Array.from({ length: count }, (_, step) => stepInputs(whole.inputs, analysis, chunk, step));
}

function rateOf(plan: Plan): number | undefined {
  return Object.values(plan.features).find((f) => f.kind !== "tensor")?.rateHz;
}
