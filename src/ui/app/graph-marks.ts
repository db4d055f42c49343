import type { Plan } from "../../core/plan/plan.ts";
import type { AnalysisReport, ModelSummary } from "../../engine/reports.ts";
import type { Overlay } from "../../state/view.ts";
import type { Comparison, Conversion } from "../../worker/protocol.ts";
import { type GraphMarks, NO_MARKS } from "../graph/graph-marks.ts";
import { cacheRows } from "../panels/caches/rows.ts";
import { timeMarks } from "./time-marks.ts";

export interface MarkSources {
  readonly summary: ModelSummary | undefined;
  readonly plan: Plan;
  readonly analysis: AnalysisReport | undefined;
  readonly streaming: Conversion | undefined;
  readonly comparison: Comparison | undefined;
  readonly overlay: Overlay;
  /** Values that cross a cut that is looked at. */
  readonly shownCrossing: readonly string[];
}

/** SQNR that counts as harmless, and as worst, on the heat scale. */
const COOL_DB = 50;
const HOT_DB = 5;

/** What is painted over the graph, from the plan and the answers that exist. */
export function graphMarks({
  summary,
  plan,
  analysis,
  streaming,
  comparison,
  overlay,
  shownCrossing,
}: MarkSources): GraphMarks {
  if (!summary || !analysis) return NO_MARKS;
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
    ...(overlay === "sqnr" && comparison ? { nodeHeat: nodeHeat(summary, comparison) } : {}),
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

function nodeHeat(summary: ModelSummary, { quantization }: Comparison): ReadonlyMap<string, number> {
  const noise = new Map([...quantization.values, ...quantization.outputs].map((v) => [v.value, v.sqnrDb]));
  return new Map(
    summary.nodes.flatMap((node) => {
      const db = noise.get(node.outputs[0] ?? "");
      if (db === undefined) return [];
      return [[node.key, Math.min(1, Math.max(0, (COOL_DB - db) / (COOL_DB - HOT_DB)))] as const];
    }),
  );
}
