import { compareQuantized } from "../../core/quant/compare-quantized.ts";
import { cacheProposals } from "../../core/stream/proposals.ts";
import { targetById, targets } from "../../core/targets/catalogue.ts";
import { analyse, requireAxis } from "../../engine/analyse.ts";
import { analysePlan, analysisReportOf } from "../../engine/carried/analyse-plan.ts";
import { comparePlanTwin } from "../../engine/carried/compare-plan-twin.ts";
import { isCarried, prepareCarried } from "../../engine/carried/prepare-carried.ts";
import { type ClipSource, openClips } from "../../engine/clips.ts";
import { convertModel, streamingReport } from "../../engine/convert-model.ts";
import { type ExamineProgress, examineChip } from "../../engine/esp/examine-chip.ts";
import { fitChips } from "../../engine/esp/fit-chip.ts";
import { calibrateModel, evaluate, forTarget, prepare } from "../../engine/evaluate.ts";
import { previewClip } from "../../engine/inspect-clip.ts";
import { inspectTensor } from "../../engine/inspect-tensor.ts";
import { audibleOutputs } from "../../engine/listen/audible-outputs.ts";
import { listen } from "../../engine/listen/listen.ts";
import { packageModel } from "../../engine/package-model.ts";
import { packageRequest } from "../../engine/package-request.ts";
import { type Job, type Runtime, unreported } from "../../engine/ports.ts";
import { type ProveProgress, prove } from "../../engine/prove/prove.ts";
import { quantizedNumbers } from "../../engine/quantized/quantized-file.ts";
import { splitAdvisor } from "../../engine/split-advice.ts";
import { summarize } from "../../engine/summarize.ts";
import type { Evaluation, Handlers, NamedBlob, StageProgress, WorkerJob } from "../protocol.ts";
import { bytesOf } from "../read-file.ts";
import { comparisonBar, type StageWeights } from "./comparison-bar.ts";
import { EvaluationCache } from "./evaluation-cache.ts";
import { fitRange } from "./fit-range.ts";
import { inspectClips } from "./inspect-clips.ts";
import { LastOfModel } from "./last-of-model.ts";
import { layOut } from "./lay-out.ts";
import { MeasuredPlans } from "./measured-plans.ts";
import { ModelCache } from "./model-cache.ts";
import { waveformOf } from "./waveform.ts";

/** Columns of a clip's picture; wider than the drawer of most screens. */
const PREVIEW_COLUMNS = 1200;

/** What follows a comparison beside its own first stage, estimated. */
const EXAMINED: StageWeights = [["examine", 6]];
const PACKED: StageWeights = [
  ["pack", 1],
  ["verify", 2],
];

/** The jobs of the worker: each reads its files and calls one use case of the engine. */
export function createHandlers(runtime: Runtime): Handlers {
  const models = new ModelCache();
  const evaluations = new EvaluationCache();
  const measured = new MeasuredPlans();
  /** Places to cut, which do not depend on the marks. */
  const cuts = new LastOfModel<ReturnType<typeof splitAdvisor>>();

  /**
   * What compare and export share: the second of them for the same inputs finds it done. `bar`: where stages that follow
   * report; it goes on where the comparison left it.
   */
  async function evaluated(given: Evaluation, job: WorkerJob<StageProgress>, rest: StageWeights = []) {
    const opened = await models.get(given.model, job.report);
    const sources = given.clips.map(sourceOf);
    const plan = await measured.get(opened, given.plan, sources, runtime, unreported(job));
    const input = { ...given, plan };
    const prepared = prepare(opened, plan);
    const clips = await openClips(sources, prepared.analysis.stream, plan);
    const bar = comparisonBar(plan, job, { rest, compared: evaluations.has(opened, input) });
    const evaluation = await evaluations.get(opened, input, () =>
      evaluate(prepared, input.statistics, clips, runtime, bar.comparison),
    );
    return { evaluation, clips, bar: bar.rest };
  }

  return {
    async open({ model, beside = false }, job) {
      return summarize(await (beside ? new ModelCache() : models).get(model, job.report));
    },

    layout: layOut,

    async analyse({ model, axes, approximations, rates, roll }) {
      const given = {
        ...(axes && { axes }),
        ...(approximations && { approximations }),
        ...(rates && { rates }),
      };
      const plan = { chunk: 1, ...roll, ...given };
      return analysisReportOf(await models.get(model), plan);
    },

    async convert({ model, plan }) {
      const opened = await models.get(model);
      if (isCarried(plan))
        return { ...streamingReport(prepareCarried(opened, plan).streaming), proposals: [] };
      const analysis = analyse(opened, plan.axes, plan.approximations, plan.rates);
      requireAxis(analysis);
      const streaming = convertModel(analysis.opened, analysis.stream, forTarget(plan));
      const proposals = cacheProposals(analysis.stream, streaming.model.roundFrames);
      return { ...streamingReport(streaming), proposals };
    },

    async splitAdvice({ model, plan }) {
      const opened = await models.get(model);
      const { axes, approximations, rates, chunk, splits } = plan;
      const key = JSON.stringify([axes, approximations, rates, chunk]);
      const advisor = await cuts.get(opened, key, () =>
        splitAdvisor(analyse(opened, axes, approximations, rates).stream, chunk),
      );
      return advisor(splits);
    },

    inspectClips,

    async previewClip({ model, plan, clip }, job) {
      const { stream } = analysePlan(await models.get(model), plan);
      const preview = await previewClip(sourceOf(clip), stream, plan, PREVIEW_COLUMNS);
      job.move(preview.envelope);
      job.move(preview.spectrogram.levels);
      return preview;
    },

    async waveform({ model, plan, clips }, job) {
      const { stream } = analysePlan(await models.get(model), plan);
      return waveformOf(clips.map(sourceOf), { analysis: stream, plan, columns: PREVIEW_COLUMNS }, job);
    },

    fitRange,

    async inspectTensor({ model, name, target, bits, params }, job) {
      const question = target !== undefined && bits ? { target, bits, params } : undefined;
      const report = inspectTensor(await models.get(model), name, question);
      if (report?.npy) job.move(report.npy);
      return report ? { report } : {};
    },

    async calibrate({ model, plan: given, clips, before }, job) {
      const opened = await models.get(model);
      const sources = clips.map(sourceOf);
      const plan = await measured.get(opened, given, sources, runtime, unreported(job));
      const prepared = prepare(opened, plan);
      const readers = await openClips(sources, prepared.analysis.stream, plan);
      return calibrateModel(prepared, readers, runtime, job, before);
    },

    async compare(input, job) {
      const { parity, quantization } = (await evaluated(input, job)).evaluation;
      return { parity, quantization };
    },

    async fitChips({ model, plan }) {
      const chips = targets.filter((target) => target.exporter === "espdl");
      const onChip = chips.some((chip) => chip.id === targetById(plan.target).id);
      const target = onChip ? plan.target : (chips[0]?.id ?? "");
      const { opened, streaming } = prepare(await models.get(model), { ...plan, target });
      return fitChips(opened.normalized, streaming.model.modules, chips, plan);
    },

    async weighChip({ model, plan, choices }) {
      const chip = targetById(plan.target);
      if (chip.exporter !== "espdl") throw new Error(`${plan.target} is no chip`);
      const { opened, streaming } = prepare(await models.get(model), plan);
      const { modules } = streaming.model;
      return choices.flatMap((choice) => fitChips(opened.normalized, modules, [chip], choice));
    },

    async compareNumbers({ model, other }, job) {
      const a = quantizedNumbers(await models.get(model, job.report));
      return compareQuantized(a, quantizedNumbers(await new ModelCache().get(other, job.report)));
    },

    async examineChip(input, job) {
      const { evaluation, clips, bar } = await evaluated(input, job, EXAMINED);
      const { chip } = evaluation;
      if (!chip) throw new Error(`${input.plan.target} is no chip`);
      const { target, placed } = chip;
      const { statistics } = input;
      const question = { prepared: evaluation, target, statistics, clips, placed };
      return examineChip(question, runtime, examineJob(bar));
    },

    async compareTwin({ model, plan, twin, clips }, job) {
      const streaming = await models.get(model, job.report);
      const offline = await new ModelCache().get(twin, job.report);
      const [first] = clips;
      const { stream } = analysePlan(streaming, plan);
      const [clip] = first ? await openClips([sourceOf(first)], stream, plan) : [];
      job.report({ stage: "parity", done: 0, total: 0, what: offline.name });
      return comparePlanTwin({ streaming, plan, offline, clip }, runtime, job);
    },

    async listen(question, job) {
      const { evaluation, clips } = await evaluated(question, job);
      const names = evaluation.streaming.model.outputs.map((p) => p.name);
      const audible = audibleOutputs(evaluation.analysis.stream, evaluation.plan, names);
      const clip = clips.find((c) => c.file === question.clip) ?? clips[0];
      const chosen = audible.find((a) => a.output === question.output) ?? audible[0];
      const form = chosen?.forms.find((f) => f === question.form) ?? chosen?.forms[0];
      if (!clip || !chosen || !form) return { audible };
      const listening = await listen(evaluation, { clip, audible: chosen, form }, runtime, unreported(job));
      for (const { samples } of listening.tracks) job.move(samples);
      return { audible, listening };
    },

    async prove({ model, plan: given }, job) {
      const source = await models.get(model);
      const plan = measured.known(source, given);
      const { opened, analysis, streaming } = prepare(source, plan);
      const last = evaluations.under(source, plan);
      const subject = {
        opened,
        plan,
        analysis: analysis.stream,
        streaming: streaming.model,
        ...(last && { parity: last.parity, quantization: last.quantization }),
      };
      return prove(subject, runtime, proveJob(job));
    },

    async exportPackage(input, job) {
      const { evaluation, clips, bar } = await evaluated(input, job, PACKED);
      bar.report({ stage: "pack", done: 0, total: 0 });
      const request = await packageRequest(evaluation, clips);
      const { report, zip } = await packageModel(runtime, request, bar);
      return { report, zip: job.move(zip as Uint8Array<ArrayBuffer>) };
    },
  };
}

function sourceOf(file: NamedBlob): ClipSource {
  return { file: file.name, bytes: async () => (await bytesOf(file)).bytes };
}

function examineJob(job: Job<StageProgress>): Job<ExamineProgress> {
  return {
    now: () => job.now(),
    checkpoint: () => job.checkpoint(),
    report: ({ mode, done, total, portion }) =>
      job.report({ stage: "examine", done, total, what: mode, portion }),
  };
}

function proveJob(job: WorkerJob<StageProgress>): Job<ProveProgress> {
  return {
    now: () => job.now(),
    checkpoint: () => job.checkpoint(),
    report: ({ check, done, total }) => job.report({ stage: "prove", done, total, what: check }),
  };
}
