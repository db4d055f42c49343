import { moduleFile } from "../core/export/package-input.ts";
import { nodeKey } from "../core/ir/graph.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { StreamAnalysis } from "../core/stream/analysis.ts";
import { type Streaming, toStreaming } from "../core/stream/streaming-model.ts";
import { modelName } from "./model-name.ts";
import type { OpenedModel } from "./open-model.ts";
import type { StreamingReport } from "./reports.ts";

/** The streaming modules of a plan. Throws what `toStreaming` throws. */
export function convertModel(
  opened: OpenedModel,
  analysis: StreamAnalysis,
  plan: Pick<Plan, "chunk" | "caches" | "splits" | "warmUp" | "end">,
): Streaming {
  const { chunk, caches, splits, warmUp, end } = plan;
  const name = modelName(opened.name);
  return toStreaming(opened.normalized, analysis, { chunk, caches, splits, warmUp, end, name });
}

/** What the studio shows and the command line prints of a conversion. */
export function streamingReport({
  model,
  nodes,
  crossings,
  schedule,
  keptAgainstMark,
}: Streaming): StreamingReport {
  const { startSteps, ...shown } = schedule;
  return {
    chunk: model.chunk,
    inputs: model.inputs,
    outputs: model.outputs,
    modules: model.modules.map((m, i) => ({
      name: m.name,
      file: moduleFile("float", m),
      period: schedule.periods[i] ?? schedule.period,
      startStep: startSteps[i] ?? 0,
      gateRuns: m.gateRuns,
      inputs: m.inputs,
      outputs: m.outputs,
      caches: m.caches,
      startRuns: m.start?.runs ?? 0,
      cost: m.cost,
      nodes: (nodes[i] ?? []).map(nodeKey),
    })),
    cuts: crossings.flatMap(({ values, crossing }, boundary) =>
      values.map((value) => ({ value, boundary, crossing })),
    ),
    schedule: shown,
    warmUp: model.warmUp,
    flushSteps: model.flushSteps,
    findings: keptAgainstMark.map((value) => ({
      severity: "warning",
      problem: { code: "plan.cacheKept", value },
    })),
  };
}
