import type { ValueName } from "../../core/ir/graph.ts";
import type { Tensor } from "../../core/ir/tensor.ts";
import type { Statistics } from "../../core/quant/statistic.ts";
import type { EspdlTarget } from "../../core/targets/target.ts";
import { offlineInputs } from "../blocks.ts";
import type { ClipReader } from "../clip-reader.ts";
import { clipInputs } from "../compare/clip-inputs.ts";
import type { Prepared } from "../evaluate.ts";
import type { Job, Runtime } from "../ports.ts";
import type { CompareProgress } from "../reports.ts";
import { type PlacedModel, placeFromStatistics } from "./chip-model.ts";
import type { Sample } from "./observe-samples.ts";
import { atDimsOf } from "./offline-samples.ts";
import { quantizeCompatibly } from "./quantize-esp.ts";

export interface ChipData {
  readonly statistics: Statistics;
  readonly clips: readonly ClipReader[];
}

/**
 * Exponents of the offline graph: from statistics, or as ESP-PPQ finds them over whole clips. Throws `quant.noStatistics`,
 * `data.none`.
 */
export async function placeForChip(
  { opened, plan, analysis, streaming }: Prepared,
  target: EspdlTarget,
  { statistics, clips }: ChipData,
  runtime: Runtime,
  job: Job<CompareProgress>,
): Promise<PlacedModel> {
  const format = target.formats[plan.bits ?? 8];
  const { method } = plan;
  if (!plan.compatible) return placeFromStatistics(opened.normalized, format, statistics, method);
  const samples: Sample[] = [];
  for (const clip of clips) {
    const whole = await clipInputs(clip, analysis.stream, streaming.model.roundFrames);
    if (whole) samples.push(record(offlineInputs(whole.inputs, analysis.stream)));
  }
  const watch = {
    report: () => job.report({ stage: "quantization", clip: 0, clipCount: clips.length, file: "" }),
    checkpoint: () => job.checkpoint(),
    now: () => job.now(),
  };
  const [first = {}] = samples;
  const model = atDimsOf(opened.normalized, first);
  return quantizeCompatibly({ model, format, method, samples }, runtime, watch);
}

function record(inputs: Readonly<Record<ValueName, Tensor>>): Sample {
  return inputs;
}
