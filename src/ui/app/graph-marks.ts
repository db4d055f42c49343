import type { Plan } from "../../core/plan/plan.ts";
import type { AnalysisReport, ModelSummary } from "../../engine/reports.ts";
import type { Overlay } from "../../state/view.ts";
import type { Comparison, Conversion } from "../../worker/protocol.ts";
import { type GraphMarks, NO_MARKS } from "../graph/graph-marks.ts";
import { cacheRows } from "../panels/caches/rows.ts";
import type { HeatMap } from "./heat/heat-map.ts";
import { keepLast } from "./keep-last.ts";
import { timeMarks } from "./time-marks.ts";

export interface MarkSources {
  readonly summary: ModelSummary | undefined;
  readonly plan: Plan;
  readonly analysis: AnalysisReport | undefined;
  readonly streaming: Conversion | undefined;
  readonly comparison: Comparison | undefined;
  readonly heat: HeatMap | undefined;
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
    ...analysisMarks(summary, analysis),
    ...(overlay === "time" && { times: keptTimes(plan.axes, plan.features, analysis, streaming) }),
    ...(sources.comparison && { errors: keptErrors(summary, sources.comparison) }),
    ...heatMarks(sources),
  };
}

/** What a mark does not change: found once per analysis. */
const analysisMarks = keepLast((summary: ModelSummary, analysis: AnalysisReport) => {
  const timeAxis = new Map<string, number>();
  for (const [value, fact] of analysis.facts) if (fact.kind === "stream") timeAxis.set(value, fact.axis);
  const refused = analysis.refusals.flatMap(({ problem }) => ("node" in problem ? [problem.node] : []));
  return { timeAxis, refused: new Set(refused), approximate: approximateNodes(summary, analysis) };
});

const keptTimes = keepLast(
  (
    axes: Plan["axes"],
    features: Plan["features"],
    analysis: AnalysisReport,
    streaming: Conversion | undefined,
  ) => timeMarks({ axes, features }, analysis, streaming),
);

const keptErrors = keepLast(nodeErrors);
const keptHeat = keepLast((map: HeatMap, below: number | undefined) => map.heatBelow(below));

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

function heatMarks({ heat, heatBelowDb }: MarkSources) {
  return heat ? { nodeHeat: keptHeat(heat, heatBelowDb) } : {};
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
