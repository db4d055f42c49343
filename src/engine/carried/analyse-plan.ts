import { StudioError } from "../../core/base/problem.ts";
import type { Plan } from "../../core/plan/plan.ts";
import type { TimeAxes } from "../../core/stream/analysis.ts";
import { type StatePair, statePairs } from "../../core/stream/state-pairs.ts";
import { type Analysis, analyse } from "../analyse.ts";
import { analysisReport } from "../analysis-report.ts";
import type { OpenedModel } from "../open-model.ts";
import type { AnalysisReport } from "../reports.ts";
import { dataAxes } from "./data-axes.ts";
import { type CarriedPlan, fixedChunk, isCarried, prepareCarried } from "./prepare-carried.ts";

/** What the file of a model tells of states that it carries itself: proposals until the user confirms them. */
export interface StateProposals {
  readonly pairs: readonly StatePair[];
  /** Every port, for choosing other pairs. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Where the frames of the data inputs likely lie, and frames per step; 1 if the file takes any number. */
  readonly axes: TimeAxes;
  readonly chunk: number;
  /** Present if the file fixes the frames of a step. */
  readonly fixedChunk?: number;
}

/** The part of a plan that decides facts; what is absent is found. */
export type AnalysedPlan = Omit<CarriedPlan, "axes"> &
  Partial<Pick<Plan, "axes" | "approximations" | "rates">>;

/** Recognised states of an opened model. */
export function stateProposals(opened: OpenedModel): StateProposals {
  const { graph } = opened.normalized;
  const { pairs, rest } = statePairs(opened.normalized, opened.inference);
  const axes = dataAxes(opened, rest.inputs);
  const fixed = fixedChunk(opened, rest.inputs, axes);
  const constant = graph.initializers;
  return {
    pairs,
    inputs: graph.inputs.flatMap((v) => (constant.has(v.name) ? [] : [v.name])),
    outputs: graph.outputs.map((v) => v.name),
    axes,
    chunk: fixed ?? 1,
    ...(fixed !== undefined && { fixedChunk: fixed }),
  };
}

/** Facts under a plan: of the model as it is rolled if the plan confirms its states, else of the offline graph. */
export function analysePlan(opened: OpenedModel, plan: AnalysedPlan): Analysis {
  const { axes = {} } = plan;
  if (!isCarried(plan)) return analyse(opened, plan.axes, plan.approximations, plan.rates);
  const { streaming } = prepareCarried(opened, { ...plan, axes });
  const candidates = Object.entries(axes).map(([input, chosen]) => ({
    input,
    chosen,
    because: "user" as const,
    streamable: [chosen],
  }));
  return { stream: streaming.analysis, candidates, opened };
}

/**
 * What the studio shows of a model under a plan. While its states are neither confirmed nor denied, `stream.statesOpen`
 * stands in place of refusals: the offline graph is not what the model is. A roll that cannot be is a refusal as well.
 */
export function analysisReportOf(opened: OpenedModel, plan: AnalysedPlan): AnalysisReport {
  const states = stateProposals(opened);
  try {
    const report = { ...analysisReport(analysePlan(opened, plan)), states };
    if (plan.states !== undefined || states.pairs.length === 0) return report;
    const { pairs } = states;
    const names = pairs.map((p) => `${p.input}=${p.output}`).join(", ");
    const problem = { code: "stream.statesOpen", count: pairs.length, states: names } as const;
    return { ...report, refusals: [{ severity: "warning", problem }] };
  } catch (error) {
    if (!(error instanceof StudioError) || !isCarried(plan)) throw error;
    const offline = analysisReport(analyse(opened));
    return {
      ...offline,
      facts: new Map(),
      proposals: [],
      states,
      refusals: [{ severity: "error", problem: error.problem }],
    };
  }
}
