import type { Plan } from "../../core/plan/plan.ts";
import type { ChipReport } from "../../engine/esp/examine-chip.ts";
import type { AnalysisReport, ModelSummary } from "../../engine/reports.ts";
import type { Overlay } from "../../state/view.ts";
import type { Comparison, Conversion } from "../../worker/protocol.ts";
import { type GraphMarks, NO_MARKS } from "../graph/graph-marks.ts";
import { cacheRows } from "../panels/caches/rows.ts";
import { heatMap } from "./heat-map.ts";
import { timeMarks } from "./time-marks.ts";

export interface MarkSources {
  readonly summary: ModelSummary | undefined;
  readonly plan: Plan;
  readonly analysis: AnalysisReport | undefined;
  readonly streaming: Conversion | undefined;
  readonly comparison: Comparison | undefined;
  readonly examined: ChipReport | undefined;
  readonly overlay: Overlay;
  readonly heatBelowDb: number | undefined;
  /** Values that cross a cut that is looked at. */
  readonly shownCrossing: readonly string[];
}

/** What is painted over the graph, from the plan and the answers that exist. */
export function graphMarks(sources: MarkSources): GraphMarks {
  const { summary, plan, analysis, streaming, overlay, shownCrossing } = sources;
  if (!summary || !analysis) return { ...NO_MARKS, ...heatMarks(sources) };
  const cuts = new Map((streaming?.cuts ?? []).map((cut) => [cut.value, cut.crossing]));
  const timeAxis = [...analysis.facts].flatMap(([value, fact]) =>
    fact.kind === "stream" ? [[value, fact.axis] as const] : [],
  );
  const refused = analysis.refusals.flatMap(({ problem }) => ("node" in problem ? [problem.node] : []));
  return {
    caches: new Map(
      cacheRows(plan, analysis, streaming).map(({ value, state, frames, bytes, delay }) => [
        value,
        { state, frames, bytes, delay },
      ]),
    ),
    splits: new Map(
      plan.splits.map((value) => {
        const crossing = cuts.get(value) ?? [];
        return [value, { crossing: crossing.length, bytes: crossing.reduce((sum, c) => sum + c.bytes, 0) }];
      }),
    ),
    crossing: new Set([...[...cuts.values()].flat().map((c) => c.value), ...shownCrossing]),
    moduleOf: new Map(
      overlay === "modules" || plan.splits.length > 0
        ? (streaming?.modules ?? []).flatMap((module, i) => module.nodes.map((node) => [node, i] as const))
        : [],
    ),
    refused: new Set(refused),
    approximate: approximateNodes(summary, analysis),
    ...(overlay === "time" && { times: timeMarks(plan, analysis, streaming) }),
    timeAxis: new Map(timeAxis),
    ...(sources.comparison && { errors: nodeErrors(summary, sources.comparison) }),
    ...heatMarks(sources),
  };
}

/** Nodes whose results are approximate although nothing that they read is. */
function approximateNodes(
  { nodes }: ModelSummary,
  { facts }: Pick<AnalysisReport, "facts">,
): ReadonlySet<string> {
  const isApproximate = (value: string): boolean => {
    const fact = facts.get(value);
    return fact !== undefined && fact.kind !== "static" && fact.exact.kind === "approximate";
  };
  const first = nodes.filter((n) => n.outputs.some(isApproximate) && !n.inputs.some(isApproximate));
  return new Set(first.map((n) => n.key));
}

function heatMarks({ summary, comparison, examined, overlay, heatBelowDb }: MarkSources) {
  const map = summary && heatMap({ summary, comparison, examined, overlay });
  return map ? { nodeHeat: map.heatBelow(heatBelowDb) } : {};
}

function nodeErrors(summary: ModelSummary, { quantization }: Comparison): ReadonlyMap<string, number> {
  const errors = new Map(
    [...quantization.values, ...quantization.outputs].map((v) => [v.value, v.maxRelative]),
  );
  return new Map(
    summary.nodes.flatMap((node) => {
      const error = errors.get(node.outputs[0] ?? "");
      return error === undefined ? [] : [[node.key, error] as const];
    }),
  );
}
