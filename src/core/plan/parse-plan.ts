import {
  fields,
  finite,
  integer,
  items,
  type Json,
  members,
  oneOf,
  parseJson,
  text,
  truth,
} from "../base/json-reader.ts";
import { fail } from "../base/problem.ts";
import type { WidthBudget } from "../quant/esp/width-budget.ts";
import { CALIBRATION_METHODS } from "../quant/scheme.ts";
import { defaultPlan } from "./default-plan.ts";
import { approximationOf } from "./parse-approximation.ts";
import {
  type CacheMark,
  COMPATIBLE_TOOLS,
  END_CHOICES,
  type FeatureSettings,
  type InputRate,
  type Plan,
  type StateChoice,
  WARM_UP_CHOICES,
} from "./plan.ts";

const PLAN_KEYS = [
  "schema",
  "model",
  "axes",
  "rates",
  "chunk",
  "states",
  "fixed",
  "caches",
  "warmUp",
  "end",
  "splits",
  "approximations",
  "features",
  "target",
  "method",
  "bits",
  "widths",
  "budget",
  "cacheForm",
  "compatible",
  "offline",
  "keepFloat",
] as const;

/**
 * The plan in a `*.rill.json` text. `schema`, `model` and `chunk` must be there; other absent members take the values
 * of an empty plan. Throws `plan.malformed` with the place and what was expected there.
 */
export function parsePlan(source: string): Plan {
  const json = parseJson(source, (what) => fail({ code: "plan.malformed", what }));
  return planOf(json);
}

/** The plan in a JSON value, e.g. a member of a manifest. */
export function planOf(json: Json): Plan {
  const has = fields(json, PLAN_KEYS);
  const need = (key: (typeof PLAN_KEYS)[number]): Json =>
    has.get(key) ??
    json.bad({ code: "missing", place: `${json.place === "" ? "" : `${json.place}.`}${key}` });
  const schema = oneOf(need("schema"), [1]);
  const model = fields(need("model"), ["name", "sha256"]);
  const name = model.get("name") ?? json.bad({ code: "missing", place: "model.name" });
  const hash = model.get("sha256") ?? json.bad({ code: "missing", place: "model.sha256" });
  if (!/^[0-9a-f]{64}$/.test(text(hash))) json.bad({ code: "digestExpected", place: hash.place });
  const base = defaultPlan({ name: text(name), sha256: text(hash) });
  const read = <T>(key: (typeof PLAN_KEYS)[number], reader: (j: Json) => T, fallback: T): T => {
    const found = has.get(key);
    return found ? reader(found) : fallback;
  };
  const warmUp = has.get("warmUp");
  const end = has.get("end");
  const rates = has.get("rates");
  const states = has.get("states");
  const fixed = has.get("fixed");
  const [bits, compatible, offline] = [has.get("bits"), has.get("compatible"), has.get("offline")];
  const [widths, budget, cacheForm] = [has.get("widths"), has.get("budget"), has.get("cacheForm")];
  return {
    ...base,
    ...(warmUp && { warmUp: oneOf(warmUp, WARM_UP_CHOICES) }),
    ...(rates && { rates: recordOf(rates, inputRate) }),
    ...(end && { end: oneOf(end, END_CHOICES) }),
    ...(states && { states: items(states).map(stateChoice) }),
    ...(fixed && { fixed: recordOf(fixed, (value) => finite(value)) }),
    schema: schema === 1 ? 1 : base.schema,
    axes: read("axes", (j) => recordOf(j, (axis) => integer(axis, 0)), base.axes),
    chunk: integer(need("chunk"), 1),
    caches: read("caches", (j) => recordOf(j, cacheMark), base.caches),
    splits: read("splits", (j) => items(j).map(text), base.splits),
    approximations: read("approximations", (j) => recordOf(j, approximationOf), base.approximations),
    features: read("features", (j) => recordOf(j, featureSettings), base.features),
    target: read("target", text, base.target),
    ...(bits && { bits: oneOf(bits, [8, 16]) === 8 ? 8 : 16 }),
    ...(widths && { widths: recordOf(widths, (w) => (oneOf(w, [8, 16]) === 8 ? 8 : 16)) }),
    ...(budget && { budget: widthBudget(budget) }),
    ...(cacheForm && { cacheForm: oneOf(cacheForm, ["explicit"]) }),
    ...(compatible && { compatible: oneOf(compatible, COMPATIBLE_TOOLS) }),
    ...(offline && truth(offline) && { offline: true as const }),
    method: read("method", (j) => oneOf(j, CALIBRATION_METHODS), base.method),
    keepFloat: read("keepFloat", (j) => items(j).map(text), base.keepFloat),
  };
}

/** An object as a record without prototype surprises: a value may be called "__proto__". */
function recordOf<T>(json: Json, read: (member: Json) => T): Readonly<Record<string, T>> {
  return Object.fromEntries([...members(json)].map(([key, member]) => [key, read(member)]));
}

function inputRate(json: Json): InputRate {
  const has = fields(json, ["frames", "per", "delay"]);
  const need = (key: "frames" | "per" | "delay"): Json =>
    has.get(key) ?? json.bad({ code: "missing", place: `${json.place}.${key}` });
  return {
    frames: integer(need("frames"), 1),
    per: integer(need("per"), 1),
    delay: integer(need("delay"), 0),
  };
}

/** Factors of at least 1, each of which may be absent. */
function widthBudget(json: Json): WidthBudget {
  const has = fields(json, ["bytes", "cycles"]);
  const [bytes, cycles] = [has.get("bytes"), has.get("cycles")];
  return { ...(bytes && { bytes: finite(bytes, 1) }), ...(cycles && { cycles: finite(cycles, 1) }) };
}

function stateChoice(json: Json): StateChoice {
  const has = fields(json, ["input", "output", "init"]);
  const need = (key: "input" | "output"): Json =>
    has.get(key) ?? json.bad({ code: "missing", place: `${json.place}.${key}` });
  const init = has.get("init");
  return { input: text(need("input")), output: text(need("output")), init: init ? finite(init) : 0 };
}

function cacheMark(json: Json): CacheMark {
  const has = fields(json, ["state", "frames"]);
  const state = oneOf(has.get("state") ?? json.bad({ code: "missing", place: `${json.place}.state` }), [
    "accepted",
    "removed",
    "forced",
  ]);
  const frames = has.get("frames");
  if (state === "forced") {
    return {
      state,
      frames: integer(frames ?? json.bad({ code: "missing", place: `${json.place}.frames` }), 1),
    };
  }
  if (frames) json.bad({ code: "framesUnasked", place: frames.place });
  return { state };
}

const FEATURE_KEYS = [
  "kind",
  "rateHz",
  "hopSamples",
  "windowSamples",
  "fftSize",
  "window",
  "melBands",
  "coefficients",
  "lowHz",
  "highHz",
  "mel",
  "power",
  "floor",
  "center",
] as const;

function featureSettings(json: Json): FeatureSettings {
  const has = fields(json, FEATURE_KEYS);
  const need = (key: (typeof FEATURE_KEYS)[number]): Json =>
    has.get(key) ?? json.bad({ code: "missing", place: `${json.place}.${key}` });
  return {
    kind: oneOf(need("kind"), ["raw", "logmel", "mfcc", "stft", "tensor"]),
    rateHz: finite(need("rateHz"), 0),
    hopSamples: integer(need("hopSamples"), 1),
    windowSamples: integer(need("windowSamples"), 1),
    fftSize: integer(need("fftSize"), 1),
    window: oneOf(need("window"), ["hann", "sqrt-hann", "hamming", "rectangular"]),
    melBands: integer(need("melBands"), 0),
    coefficients: integer(need("coefficients"), 0),
    lowHz: finite(need("lowHz"), 0),
    highHz: finite(need("highHz"), 0),
    mel: oneOf(need("mel"), ["htk", "slaney"]),
    power: oneOf(need("power"), [1, 2]),
    floor: finite(need("floor"), 0),
    center: truth(need("center")),
  };
}
