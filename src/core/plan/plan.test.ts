import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Detail } from "../base/detail.ts";
import { StudioError } from "../base/problem.ts";
import { APPROXIMATION_KINDS, type Approximation } from "./approximation.ts";
import { defaultPlan } from "./default-plan.ts";
import { parsePlan } from "./parse-plan.ts";
import type { CacheMark, FeatureSettings, Plan } from "./plan.ts";
import { printPlan } from "./print-plan.ts";

const model = { name: "tcn.onnx", sha256: "0f".repeat(32) };

const count = fc.integer({ min: 1, max: 4096 });
const hertz = fc.double({ min: 0, max: 1e5, noNaN: true }).map((x) => x + 0);
const mark: fc.Arbitrary<CacheMark> = fc.oneof(
  fc.constant<CacheMark>({ state: "accepted" }),
  fc.constant<CacheMark>({ state: "removed" }),
  count.map((frames): CacheMark => ({ state: "forced", frames })),
);
const settings: fc.Arbitrary<FeatureSettings> = fc.record({
  kind: fc.constantFrom("raw", "logmel", "mfcc", "stft", "tensor"),
  rateHz: hertz,
  hopSamples: count,
  windowSamples: count,
  fftSize: count,
  window: fc.constantFrom("hann", "sqrt-hann", "hamming", "rectangular"),
  melBands: count,
  coefficients: count,
  lowHz: hertz,
  highHz: hertz,
  mel: fc.constantFrom("htk", "slaney"),
  power: fc.constantFrom(1, 2),
  floor: hertz,
  center: fc.boolean(),
});
const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0));
const approximation: fc.Arbitrary<Approximation> = fc.oneof(
  fc.constantFrom<Approximation>({ kind: "running" }, { kind: "continuous" }, { kind: "zeroPad" }),
  fc
    .tuple(fc.constantFrom("window" as const, "windowExact" as const, "leftContext" as const), count)
    .map(([kind, frames]): Approximation => ({ kind, frames })),
  count.map((halfLifeFrames): Approximation => ({ kind: "ema", halfLifeFrames })),
  numbers.map((mean): Approximation => ({ kind: "frozen", mean })),
  numbers.map((list): Approximation => ({ kind: "frozen", mean: list, variance: list.map(Math.abs) })),
  fc.tuple(count, fc.nat(99)).map(
    ([blockFrames, lookAheadFrames]): Approximation => ({
      kind: "chunkedBackward",
      blockFrames,
      lookAheadFrames,
    }),
  ),
);
const rates = fc.dictionary(fc.string(), fc.record({ frames: count, per: count, delay: fc.nat(99) }), {
  noNullPrototype: true,
  maxKeys: 2,
});
const factor = fc.double({ min: 1, max: 16, noNaN: true });
const budgets = fc.record({ bytes: factor, cycles: factor }, { requiredKeys: [], noNullPrototype: true });
const plans: fc.Arbitrary<Plan> = fc
  .record({
    schema: fc.constant(1 as const),
    model: fc.record({ name: fc.string(), sha256: fc.constant(model.sha256) }),
    axes: fc.dictionary(fc.string(), fc.nat(5), { noNullPrototype: true }),
    chunk: count,
    caches: fc.dictionary(fc.string(), mark, { noNullPrototype: true }),
    splits: fc.array(fc.string()),
    approximations: fc.dictionary(fc.string(), approximation, { noNullPrototype: true }),
    features: fc.dictionary(fc.string(), settings, { noNullPrototype: true, maxKeys: 2 }),
    target: fc.string(),
    method: fc.constantFrom("kl", "minmax", "percentile", "mse"),
    keepFloat: fc.array(fc.string()),
  })
  .chain((plan) => fc.option(rates, { nil: undefined }).map((r) => (r ? { ...plan, rates: r } : plan)))
  .chain((plan) => fc.option(budgets, { nil: undefined }).map((b) => (b ? { ...plan, budget: b } : plan)));

const problemOf = (source: string): unknown => {
  try {
    return parsePlan(source);
  } catch (error) {
    return error instanceof StudioError ? error.problem : error;
  }
};

describe("plan", () => {
  test("survives printing", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const printed = printPlan(plan);
        expect(parsePlan(printed)).toEqual(plan);
        expect(printPlan(parsePlan(printed))).toBe(printed);
      }),
    );
  });

  test("absent members are those of an empty plan", () => {
    expect(parsePlan(JSON.stringify({ schema: 1, model, chunk: 1 }))).toEqual(defaultPlan(model));
  });

  test("what does not fit is named with its place", () => {
    const plan = { schema: 1, model, chunk: 1 };
    const cases: readonly [unknown, Detail][] = [
      [[], { code: "objectExpected", place: "" }],
      [
        { ...plan, schema: 2 },
        { code: "choiceExpected", place: "schema", choices: "1" },
      ],
      [
        { model, chunk: 1 },
        { code: "missing", place: "schema" },
      ],
      [
        { schema: 1, model },
        { code: "missing", place: "chunk" },
      ],
      [
        { ...plan, chunk: 0 },
        { code: "wholeFromExpected", place: "chunk", least: 1 },
      ],
      [
        { ...plan, chunk: 1.5 },
        { code: "wholeFromExpected", place: "chunk", least: 1 },
      ],
      [
        { ...plan, chunks: 2 },
        { code: "unknownKey", place: "chunks" },
      ],
      [
        { ...plan, model: { name: "x", sha256: "ab" } },
        { code: "digestExpected", place: "model.sha256" },
      ],
      [
        { ...plan, budget: { bytes: 0.5 } },
        { code: "numberFromExpected", place: "budget.bytes", least: 1 },
      ],
      [
        { ...plan, budget: { flash: 2 } },
        { code: "unknownKey", place: "budget.flash" },
      ],
      [
        { ...plan, splits: ["a", 3] },
        { code: "textExpected", place: "splits[1]" },
      ],
      [
        { ...plan, axes: { x: -1 } },
        { code: "wholeFromExpected", place: "axes.x", least: 0 },
      ],
      [
        { ...plan, caches: { y: { state: "kept" } } },
        { code: "choiceExpected", place: "caches.y.state", choices: "accepted | removed | forced" },
      ],
      [
        { ...plan, caches: { y: { state: "forced" } } },
        { code: "missing", place: "caches.y.frames" },
      ],
      [
        { ...plan, caches: { y: { state: "removed", frames: 1 } } },
        { code: "framesUnasked", place: "caches.y.frames" },
      ],
      [
        { ...plan, approximations: { y: { kind: "guess" } } },
        { code: "choiceExpected", place: "approximations.y.kind", choices: APPROXIMATION_KINDS.join(" | ") },
      ],
      [
        { ...plan, approximations: { y: { kind: "window" } } },
        { code: "missing", place: "approximations.y.frames" },
      ],
      [
        { ...plan, approximations: { y: { kind: "running", frames: 3 } } },
        { code: "unknownKey", place: "approximations.y.frames" },
      ],
      [
        { ...plan, method: "max" },
        { code: "choiceExpected", place: "method", choices: "kl | minmax | percentile | mse" },
      ],
      [
        { ...plan, features: { x: {} } },
        { code: "missing", place: "features.x.kind" },
      ],
    ];
    for (const [value, what] of cases) {
      expect(problemOf(JSON.stringify(value))).toEqual({ code: "plan.malformed", what });
    }
    expect(problemOf("{")).toEqual({ code: "plan.malformed", what: { code: "notJson" } });
  });
});
