import type { ValueName } from "../../core/ir/graph.ts";
import type { ExponentPlacement } from "../../core/quant/esp/place-exponents.ts";
import type { QuantParams } from "../../core/quant/scheme.ts";
import type { Statistics } from "../../core/quant/statistic.ts";
import type { EspdlTarget } from "../../core/targets/target.ts";
import { firstFrames } from "../blocks.ts";
import { observedValues } from "../calibrate.ts";
import type { ClipReader } from "../clip-reader.ts";
import { clipInputs, stepsWithinBudget } from "../compare/clip-inputs.ts";
import { encodeGraph } from "../encode-graph.ts";
import type { Prepared } from "../evaluate.ts";
import type { Job, Runtime } from "../ports.ts";
import type { CompareProgress, QuantizationReport } from "../reports.ts";
import { runOffline } from "../twin-runs.ts";
import type { PlacedModel } from "./chip-model.ts";
import { type ChipModule, chipModules } from "./chip-modules.ts";
import { ChipMeter } from "./compare-chip.ts";
import { placeOnClips } from "./place/place-on-clips.ts";

/** A model quantized for a chip: exponents of the offline graph, and the streaming modules as files. */
export interface QuantizedChip {
  readonly target: EspdlTarget;
  readonly bits: 8 | 16;
  readonly placed: PlacedModel;
  readonly modules: readonly ChipModule[];
}

/** Quantizes a prepared model for a chip and measures it on these clips. Throws `target.noKernel`, `quant.noStatistics`. */
export async function evaluateChip(
  prepared: Prepared,
  target: EspdlTarget,
  statistics: Statistics,
  clips: readonly ClipReader[],
  runtime: Runtime,
  job: Job<CompareProgress>,
): Promise<{ chip: QuantizedChip; quantization: QuantizationReport }> {
  const { plan, streaming } = prepared;
  const bits = plan.bits ?? 8;
  const placed = await placeOnClips(prepared, target, { statistics, clips }, runtime, job);
  const modules = chipModules(placed, streaming.model.modules, target, {
    explicit: plan.cacheForm === "explicit",
  });
  const chip: QuantizedChip = { target, bits, placed, modules };
  return { chip, quantization: await measure(prepared, chip, clips, runtime, job) };
}

async function measure(
  { opened, plan, analysis, streaming }: Prepared,
  { target, bits, placed, modules }: QuantizedChip,
  clips: readonly ClipReader[],
  runtime: Runtime,
  job: Job<CompareProgress>,
): Promise<QuantizationReport> {
  const { stream } = analysis;
  const { chunk, roundFrames, outputs: ports, opsets } = streaming.model;
  const { rounding } = target.formats[bits];
  const meter = new ChipMeter({ placed, analysis: stream, modules, chunk, rounding });
  const outputs = ports.filter((p) => p.kind !== "static" && p.dtype === "float32").map((p) => p.name);
  const inner = observedValues(stream).filter((v) => !outputs.includes(v));
  const budget = stepsWithinBudget(stream, roundFrames, [...inner, ...outputs]);
  const floats = (inputs: Parameters<typeof runOffline>[5], rounds: number, names: readonly ValueName[]) =>
    runOffline(runtime, opened.normalized, stream, { chunk: roundFrames, steps: rounds }, names, inputs);
  let frames = 0;
  for (const [i, clip] of clips.entries()) {
    job.report({ stage: "integerParity", clip: i + 1, clipCount: clips.length, file: clip.file });
    const whole = await clipInputs(clip, stream, roundFrames);
    if (!whole) continue;
    await job.checkpoint();
    const steps = (whole.steps * roundFrames) / chunk;
    const all = whole.steps <= budget ? [...outputs, ...inner] : outputs;
    const float = await floats(whole.inputs, whole.steps, all);
    const integers = whole.steps <= budget ? "all" : "outputs";
    await meter.add({ steps, inputs: whole.inputs, float }, { integers });
    if (whole.steps > budget) {
      const inputs = firstFrames(whole.inputs, stream, budget * roundFrames);
      const values = await floats(inputs, budget, inner);
      await meter.add(
        { steps: (budget * roundFrames) / chunk, inputs, float: values },
        {
          integers: "inner",
        },
      );
    }
    frames += Math.min(clip.frames, whole.steps * roundFrames);
  }
  const { values, traces, elements, different, worst } = meter.result();
  return {
    target: target.id,
    method: plan.method,
    outputs: values.filter((v) => outputs.includes(v.value)),
    values,
    traces,
    params: paramsOf(placed.placement),
    integerParity: {
      frames,
      elements,
      different,
      // Nothing rounds in two ways here: integers of the same program either agree or something is wrong.
      differences: worst.map((w) => ({ ...w, cause: "unknown" as const })),
    },
    floatBytes: streaming.model.modules.reduce((n, m) => n + encodeGraph(m.graph, opsets).byteLength, 0),
    quantizedBytes: modules.reduce((n, m) => n + m.bytes.byteLength, 0),
    findings: placed.findings ?? [],
    ...(placed.choices && { choices: placed.choices }),
  };
}

/** How every activation, weight and bias is stored. */
function paramsOf(placement: ExponentPlacement): ReadonlyMap<ValueName, QuantParams> {
  const params = new Map<ValueName, QuantParams>();
  for (const { inputs, outputs } of placement.values()) {
    for (const slot of [...inputs, ...outputs]) {
      if (!slot) continue;
      const { value, bits, exponents, channelAxis } = slot;
      params.set(value, {
        dtype: bits === 8 ? "int8" : bits === 16 ? "int16" : "int32",
        scales: exponents.map((e) => 2 ** e),
        zeroPoints: exponents.map(() => 0),
        ...(channelAxis !== undefined && { axis: channelAxis }),
      });
    }
  }
  return params;
}
