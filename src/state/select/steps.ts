import type { Plan } from "../../core/plan/plan.ts";
import type { StageState } from "../stage.ts";
import type { StepId } from "../view.ts";
import type { Answers } from "./answers.ts";
import { integerWidth } from "./chips.ts";
import { cacheEdges, proposalsOf } from "./marks.ts";

/** What a step of the rail says about itself. */
export interface StepState {
  readonly state: "empty" | "needs" | "ready" | "running" | "done" | "stale" | "failed";
  /** Which short text stands beside it, with its number. */
  readonly detail: StepDetail;
}

/** What a step lacks; `needsFloat`: the open file holds integers. */
type NeedText =
  | "needsModel"
  | "needsFloat"
  | "needsAxis"
  | "needsClips"
  | "needsStreaming"
  | "needsCalibration";

export type StepDetail =
  | { readonly text: "none" }
  | { readonly text: NeedText }
  | { readonly text: "toRun" | "partial" | "running" | "failed" | "verified" | "blocked" | "stale" }
  | { readonly text: "ops" | "marked" | "open" | "parts" | "clips" | "refused"; readonly n: number }
  | { readonly text: "axis" | "sqnr"; readonly name: string };

const NONE: StepDetail = { text: "none" };

/** State of every step, from the answers that exist. */
export function stepStates(answers: Answers, plan: Plan): Readonly<Record<StepId, StepState>> {
  if (answers.open.result?.quantized) return lookOnly(answers);
  return {
    model: modelStep(answers),
    axis: axisStep(answers, plan),
    caches: cachesStep(answers, plan),
    splits: splitsStep(answers, plan),
    audio: audioStep(answers),
    calibrate: calibrateStep(answers),
    results: resultsStep(answers),
    export: exportStep(answers),
  };
}

/** Steps of a file of integers: it can be looked at. */
function lookOnly(answers: Answers): Readonly<Record<StepId, StepState>> {
  const float = needs("needsFloat");
  return {
    model: modelStep(answers),
    axis: float,
    caches: float,
    splits: float,
    audio: float,
    calibrate: float,
    results: float,
    export: float,
  };
}

function settled(stage: StageState<unknown, unknown>): StepState | undefined {
  if (stage.status === "running") return { state: "running", detail: { text: "running" } };
  if (stage.status === "failed") return { state: "failed", detail: { text: "failed" } };
  return undefined;
}

const needs = (text: NeedText): StepState => ({ state: "needs", detail: { text } });

function modelStep({ open }: Answers): StepState {
  const early = settled(open);
  if (early) return early;
  if (!open.result) return { state: "empty", detail: NONE };
  return { state: "done", detail: { text: "ops", n: open.result.nodes.length } };
}

function axisStep({ open, analyse }: Answers, plan: Plan): StepState {
  if (!open.result) return needs("needsModel");
  const early = settled(analyse);
  if (early) return early;
  if (!analyse.result) return { state: "ready", detail: NONE };
  if (Object.keys(plan.axes).length === 0)
    return { state: "ready", detail: { text: "open", n: analyse.result.axes.length } };
  const refused = analyse.result.refusals.length;
  if (refused > 0) return { state: "failed", detail: { text: "refused", n: refused } };
  return { state: "done", detail: { text: "axis", name: axisName(plan, open.result.inputs) } };
}

/** The symbolic name of the first input's axis, or its number. */
function axisName(
  plan: Plan,
  inputs: readonly { readonly name: string; readonly shape?: readonly (number | string | null)[] }[],
): string {
  const [input, axis] = Object.entries(plan.axes)[0] ?? ["", 0];
  const dim = inputs.find((i) => i.name === input)?.shape?.[axis];
  return typeof dim === "string" ? dim : `#${axis}`;
}

function cachesStep({ open, analyse, convert }: Answers, plan: Plan): StepState {
  if (!open.result) return needs("needsModel");
  if (!analyse.result || Object.keys(plan.axes).length === 0) return needs("needsAxis");
  const own = plan.states?.length ?? 0;
  if (own > 0 && convert.status !== "failed") return { state: "done", detail: { text: "marked", n: own } };
  const edges = cacheEdges(plan, proposalsOf(plan, analyse.result, convert.result));
  const open_ = edges.filter((e) => e.state === "proposed").length;
  if (convert.status === "failed") return { state: "failed", detail: { text: "failed" } };
  if (open_ > 0) return { state: "ready", detail: { text: "open", n: open_ } };
  return { state: "done", detail: { text: "marked", n: edges.length } };
}

function splitsStep({ open, convert }: Answers, plan: Plan): StepState {
  if (!open.result) return needs("needsModel");
  if (Object.keys(plan.axes).length === 0) return needs("needsAxis");
  const early = settled(convert);
  if (early) return early;
  if (!convert.result) return { state: "ready", detail: NONE };
  return { state: "done", detail: { text: "parts", n: convert.result.modules.length } };
}

function audioStep({ open, inspect, usedClips }: Answers): StepState {
  const early = settled(inspect);
  if (early) return early;
  // What the later steps wait for is done here.
  if (!inspect.result || usedClips === 0)
    return { state: "empty", detail: open.result ? { text: "needsClips" } : NONE };
  return { state: "done", detail: { text: "clips", n: usedClips } };
}

function calibrateStep(answers: Answers): StepState {
  const { calibrate } = answers;
  const early = settled(calibrate);
  if (early) return early;
  if (!calibrate.result)
    return calibrate.ready ? { state: "ready", detail: { text: "toRun" } } : missing(answers);
  if (calibrate.stale) return { state: "stale", detail: { text: "stale" } };
  return calibrate.result.partial
    ? { state: "done", detail: { text: "partial" } }
    : { state: "done", detail: { text: "clips", n: calibrate.result.clips.length } };
}

function missing({ open, analyse, convert, usedClips }: Answers): StepState {
  if (!open.result) return needs("needsModel");
  if (!analyse.result) return needs("needsAxis");
  if (convert.status === "failed" || !convert.result) return needs("needsStreaming");
  return needs(usedClips === 0 ? "needsClips" : "needsStreaming");
}

function workStep(stage: StageState<unknown, unknown>, answers: Answers): StepState {
  const early = settled(stage);
  if (early) return early;
  if (stage.result !== undefined) {
    return stage.stale ? { state: "stale", detail: { text: "stale" } } : { state: "done", detail: NONE };
  }
  if (stage.ready) return { state: "ready", detail: { text: "toRun" } };
  return answers.calibrate.ready ? needs("needsCalibration") : missing(answers);
}

function resultsStep(answers: Answers): StepState {
  const step = workStep(answers.compare, answers);
  const { result } = answers.compare;
  if (step.state !== "done" || !result) return step;
  if (result.parity.verdict === "different") return { state: "failed", detail: { text: "failed" } };
  const least = Math.min(...result.quantization.outputs.map((o) => o.sqnrDb));
  return {
    state: "done",
    detail: Number.isFinite(least)
      ? {
          text: "sqnr",
          name: `int${integerWidth(result.quantization)} ${least.toFixed(1).replace("-", "−")} dB`,
        }
      : NONE,
  };
}

function exportStep(answers: Answers): StepState {
  const step = workStep(answers.package, answers);
  if (step.state !== "done") return step;
  return answers.package.result?.report.verified
    ? { state: "done", detail: { text: "verified" } }
    : { state: "failed", detail: { text: "blocked" } };
}
