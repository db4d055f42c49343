import type { Statistics } from "../../../core/quant/statistic.ts";
import type { EspdlTarget } from "../../../core/targets/target.ts";
import { offlineInputs } from "../../blocks.ts";
import type { ClipReader } from "../../clip-reader.ts";
import { clipInputs } from "../../compare/clip-inputs.ts";
import type { Prepared } from "../../evaluate.ts";
import { type Job, type Runtime, unreported } from "../../ports.ts";
import type { CompareProgress } from "../../reports.ts";
import { type PlacedModel, placeFromStatistics } from "../chip-model.ts";
import { freeLengths } from "../free-lengths.ts";
import { streamingCost } from "./chip-cost.ts";
import { correctableBiases } from "./correctable-biases.ts";
import { formatsOf } from "./formats-of.ts";
import type { Sample } from "./observe-samples.ts";
import { atDimsOf } from "./offline-samples.ts";
import { placeAsPlanned, refuseUnusedBudget } from "./place-as-planned.ts";
import { quantizeCompatibly } from "./quantize-esp.ts";
import type { SearchProgress } from "./search-progress.ts";
import { searchSamples } from "./search-samples.ts";

export interface ClipData {
  readonly statistics: Statistics;
  readonly clips: readonly ClipReader[];
}

/** Multiplications and elements that the search may compute: some seconds in a browser. */
const SEARCH_WORK = 3e9;

/**
 * Exponents of the offline graph under a plan: by the error at the outputs, or as ESP-PPQ finds them over whole clips. Throws
 * `quant.noStatistics`, `data.none`, `plan.unknownNode`, `plan.budgetUnused`.
 */
export async function placeOnClips(
  { opened, plan, analysis, streaming }: Prepared,
  target: EspdlTarget,
  { statistics, clips }: ClipData,
  runtime: Runtime,
  job: Job<CompareProgress>,
): Promise<PlacedModel> {
  const format = target.formats[plan.bits ?? 8];
  const source = freeLengths(opened.normalized, analysis.stream);
  const formatOf = formatsOf(source, target, plan);
  const { method } = plan;
  refuseUnusedBudget(plan);
  const silent = unreported(job);
  if (!plan.compatible) {
    const { modules, roundFrames } = streaming.model;
    const macsPerFrame = modules.reduce((n, m) => n + m.cost.macs / m.chunk, 0);
    const stretches = await searchSamples(clips, analysis.stream, { round: roundFrames, macsPerFrame });
    const [first] = stretches;
    if (!first) return placeFromStatistics(source, format, statistics, method, formatOf);
    const model = atDimsOf(source, first);
    const costOf = streamingCost(streaming.model, target);
    const mayCorrect = correctableBiases(model, modules);
    const data = { statistics, samples: stretches, work: SEARCH_WORK, mayCorrect };
    return placeAsPlanned(
      { normalized: source, model, target, plan, costOf, ...data },
      runtime,
      searchJob(job),
    );
  }
  const samples: Sample[] = [];
  for (const [i, clip] of clips.entries()) {
    job.report({ stage: "quantization", clip: i + 1, clipCount: clips.length, file: clip.file });
    const whole = await clipInputs(clip, analysis.stream, streaming.model.roundFrames);
    if (whole) samples.push(offlineInputs(whole.inputs, analysis.stream));
  }
  const [first = {}] = samples;
  // One session serves all clips: a length is bound only if they share it.
  const sizes = new Set(samples.map((s) => JSON.stringify(Object.values(s).map((t) => t.dims))));
  const model = sizes.size === 1 ? atDimsOf(source, first) : source;
  return quantizeCompatibly({ model, format, formatOf, method, samples }, runtime, silent);
}

/** Tells of a search in hundredths: there may be thousands of trials. */
function searchJob(job: Job<CompareProgress>): Job<SearchProgress> {
  let told = "";
  return {
    checkpoint: () => job.checkpoint(),
    now: () => job.now(),
    report: ({ part, portion }) => {
      const hundredths = Math.floor(100 * portion);
      const now = `${part} ${hundredths}`;
      if (now === told) return;
      told = now;
      job.report({ stage: "search", part, portion: hundredths / 100 });
    },
  };
}
