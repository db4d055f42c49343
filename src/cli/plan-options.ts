import { changeFeatures, parseFeatureSettings } from "../core/audio/parse-settings.ts";
import { fail } from "../core/base/problem.ts";
import { decodeUtf8 } from "../core/base/utf8.ts";
import { realInputs } from "../core/ir/walk.ts";
import { defaultPlan } from "../core/plan/default-plan.ts";
import { parsePlan } from "../core/plan/parse-plan.ts";
import {
  COMPATIBLE_TOOLS,
  END_CHOICES,
  type Plan,
  type StateChoice,
  WARM_UP_CHOICES,
} from "../core/plan/plan.ts";
import { CALIBRATION_METHODS } from "../core/quant/scheme.ts";
import type { TimeAxes } from "../core/stream/analysis.ts";
import { analyse, axesOf, requireAxis } from "../engine/analyse.ts";
import { defaultFeatures } from "../engine/analysis-report.ts";
import { prepareCarried } from "../engine/carried/prepare-carried.ts";
import type { OpenedModel } from "../engine/open-model.ts";
import { balancedSplits } from "../engine/split-advice.ts";
import { approximationsFrom } from "./approximate-options.ts";
import { type Arguments, countOf, type OptionKind } from "./arguments.ts";
import { budgetFrom } from "./budget-option.ts";
import { readBytes } from "./read-model.ts";
import { fixedFrom, proposedRoll, statesFrom } from "./states-option.ts";

/** Options that decide a plan, shared by the commands that convert. */
export const PLAN_OPTIONS: Readonly<Record<string, OptionKind>> = {
  axis: "values",
  rate: "values",
  chunk: "value",
  states: "values",
  fix: "values",
  split: "values",
  approximate: "values",
  modules: "value",
  "warm-up": "value",
  end: "value",
  plan: "value",
  features: "values",
  target: "value",
  method: "value",
  bits: "value",
  int16: "values",
  budget: "value",
  caches: "value",
  compatible: "value",
  offline: "flag",
};

/** The plan file of `--plan`, if there is one. Throws `plan.otherModel` if it was made for another model. */
function planFileOf(args: Arguments, opened: OpenedModel): Plan | undefined {
  const path = args.value("plan");
  if (path === undefined) return undefined;
  const plan = parsePlan(decodeUtf8(readBytes(path)));
  if (plan.model.sha256 !== opened.sha256) {
    fail({ code: "plan.otherModel", expected: plan.model.sha256, actual: opened.sha256 });
  }
  return plan;
}

/**
 * The plan of a command line: the plan file, or what analysing the model proposes, with the options on top. The default
 * chunk is the smallest that the model can take.
 */
export function planFrom(args: Arguments, opened: OpenedModel): Plan {
  const base = planFileOf(args, opened) ?? proposedPlan(args, opened);
  const chunk = args.value("chunk");
  const splits = args.values("split").flatMap((list) => list.split(",").filter((name) => name !== ""));
  const method = args.value("method");
  const axes = axesFrom(args.values("axis"), opened) ?? base.axes;
  const wanted = args.values("approximate");
  const rates = ratesFrom(args.values("rate"), opened);
  const [warmUp, end] = [args.value("warm-up"), args.value("end")];
  const streaming = {
    axes,
    ...(rates && { rates }),
    approximations: wanted.length > 0 ? approximationsFrom(wanted, opened, axes) : base.approximations,
    chunk: chunk === undefined ? base.chunk : countOf(chunk, "--chunk"),
  };
  const modules = args.value("modules");
  if (modules !== undefined && splits.length > 0)
    fail({ code: "cli.usage", what: "--modules finds the splits: leave out --split" });
  return {
    ...base,
    ...streaming,
    splits:
      modules !== undefined
        ? splitsInto(countOf(modules, "--modules"), opened, { ...base, ...streaming })
        : splits.length > 0
          ? splits
          : base.splits,
    target: args.value("target") ?? base.target,
    method: method === undefined ? base.method : methodOf(method),
    ...numbersFrom(args),
    ...(warmUp !== undefined && { warmUp: oneOf(warmUp, "--warm-up", WARM_UP_CHOICES) }),
    ...(end !== undefined && { end: oneOf(end, "--end", END_CHOICES) }),
    features: featuresFrom(args.values("features"), base.features),
  };
}

/** What `--bits`, `--int16`, `--budget`, `--caches`, `--compatible` and `--offline` decide. */
function numbersFrom(
  args: Arguments,
): Partial<Pick<Plan, "bits" | "widths" | "budget" | "cacheForm" | "compatible" | "offline">> {
  const [bits, compatible, caches] = [args.value("bits"), args.value("compatible"), args.value("caches")];
  const budget = args.value("budget");
  const wide = args.values("int16").flatMap((list) => list.split(",").filter((name) => name !== ""));
  const explicit = caches !== undefined && oneOf(caches, "--caches", ["internal", "explicit"]) === "explicit";
  return {
    ...(wide.length > 0 && { widths: Object.fromEntries(wide.map((node) => [node, 16 as const])) }),
    ...(budget !== undefined && { budget: budgetFrom(budget) }),
    ...(explicit && { cacheForm: "explicit" as const }),
    ...(bits !== undefined && { bits: oneOf(bits, "--bits", ["8", "16"]) === "8" ? 8 : 16 }),
    ...(compatible !== undefined && { compatible: oneOf(compatible, "--compatible", COMPATIBLE_TOOLS) }),
    ...(args.flag("offline") && { offline: true as const }),
  };
}

/** Where a balance into so many modules cuts. */
function splitsInto(
  modules: number,
  opened: OpenedModel,
  { axes, chunk, approximations, rates }: Pick<Plan, "axes" | "chunk" | "approximations" | "rates">,
) {
  const analysis = analyse(opened, axes, approximations, rates);
  requireAxis(analysis);
  return balancedSplits(analysis.stream, chunk, modules);
}

function proposedPlan(args: Arguments, opened: OpenedModel): Plan {
  if (args.flag("offline")) return defaultPlan({ name: opened.name, sha256: opened.sha256 });
  const states = statesFrom(args.values("states"), opened);
  if (states && states.length > 0) return carriedPlan(args, opened, states);
  const given = axesFrom(args.values("axis"), opened);
  const wanted = args.values("approximate");
  const rates = ratesFrom(args.values("rate"), opened);
  const exact = analyse(opened, given, {}, rates);
  const hopeless = axesOf(exact.candidates);
  const near = wanted.length > 0 && Object.keys(hopeless).length === 0 ? exact.stream.axes : given;
  const analysis =
    wanted.length > 0 ? analyse(opened, near, approximationsFrom(wanted, opened, near ?? {}), rates) : exact;
  requireAxis(analysis);
  const { candidates, stream } = analysis;
  const decided = {
    axes: axesOf(candidates),
    chunk: stream.minimalChunk,
    features: defaultFeatures({ stream }),
    ...(states && { states }),
  };
  return defaultPlan({ name: opened.name, sha256: opened.sha256 }, decided);
}

/** `IN=FRAMES/PER` or `IN=FRAMES/PER+DELAY` words as rates beside the model input; undefined if there are none. */
function ratesFrom(words: readonly string[], opened: OpenedModel): Plan["rates"] {
  if (words.length === 0) return undefined;
  const inputs = realInputs(opened.normalized.graph);
  return Object.fromEntries(
    words.map((word) => {
      const [, name = "", frames, per, delay = "0"] = /^(.+)=(\d+)\/(\d+)(?:\+(\d+))?$/.exec(word) ?? [];
      if (frames === undefined || Number(frames) < 1 || Number(per) < 1)
        fail({ code: "cli.usage", what: `--rate needs INPUT=FRAMES/PER, not ${word}` });
      if (!inputs.some((v) => v.name === name)) fail({ code: "stream.axisUnknown", input: name });
      return [name, { frames: Number(frames), per: Number(per), delay: Number(delay) }] as const;
    }),
  );
}

/** The plan of a model that already streams: its file says how many frames a step has, if it says so at all. */
function carriedPlan(args: Arguments, opened: OpenedModel, states: readonly StateChoice[]): Plan {
  const fixed = fixedFrom(args.values("fix"));
  const roll = proposedRoll(opened, states, Object.keys(fixed));
  const chunk = args.value("chunk");
  const decided = {
    axes: axesFrom(args.values("axis"), opened) ?? roll.axes,
    chunk: chunk === undefined ? roll.chunk : countOf(chunk, "--chunk"),
    states,
    ...(Object.keys(fixed).length > 0 && { fixed }),
  };
  const identity = { name: opened.name, sha256: opened.sha256 };
  const { streaming } = prepareCarried(opened, decided);
  return defaultPlan(identity, { ...decided, features: defaultFeatures({ stream: streaming.analysis }) });
}

/** `IN=AXIS` words as time axes; undefined if there are none. Negative axes count from the end. */
export function axesFrom(words: readonly string[], opened: OpenedModel): TimeAxes | undefined {
  if (words.length === 0) return undefined;
  const inputs = realInputs(opened.normalized.graph);
  return Object.fromEntries(
    words.map((word) => {
      const at = word.lastIndexOf("=");
      const name = word.slice(0, at);
      const axis = Number(word.slice(at + 1));
      if (at < 1 || !/^-?\d+$/.test(word.slice(at + 1))) {
        fail({ code: "cli.usage", what: `--axis needs INPUT=AXIS, not ${word}` });
      }
      const input =
        inputs.find((v) => v.name === name) ?? fail({ code: "cli.usage", what: `no input ${name}` });
      const rank = input.shape?.length ?? 0;
      if (axis >= rank || axis < -rank) fail({ code: "stream.axisInvalid", input: name, axis, rank });
      return [name, axis < 0 ? axis + rank : axis];
    }),
  );
}

function methodOf(name: string): Plan["method"] {
  const method = CALIBRATION_METHODS.find((m) => m === name);
  return method ?? fail({ code: "cli.usage", what: `--method is one of ${CALIBRATION_METHODS.join(", ")}` });
}

function oneOf<T extends string>(word: string, option: string, choices: readonly T[]): T {
  const choice = choices.find((c) => c === word);
  return choice ?? fail({ code: "cli.usage", what: `${option} is one of ${choices.join(", ")}` });
}

/** `INPUT:KEY=VALUE,…` words on top of settings; the input may be left out if there is only one. */
function featuresFrom(words: readonly string[], base: Plan["features"]): Plan["features"] {
  const features = new Map(Object.entries(base));
  for (const word of words) {
    const { input = features.size === 1 ? [...features.keys()][0] : undefined, changes } =
      parseFeatureSettings(word);
    const settings = input === undefined ? undefined : features.get(input);
    if (input === undefined || !settings) {
      return fail({
        code: "cli.usage",
        what: `--features needs one of the inputs ${[...features.keys()].join(", ")}`,
      });
    }
    features.set(input, changeFeatures(settings, changes));
  }
  return Object.fromEntries(features);
}
