import fc from "fast-check";
import { describe, expect, test } from "vitest";
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
    const cases: readonly [unknown, string][] = [
      [[], "top level: object expected"],
      [{ ...plan, schema: 2 }, "schema: 1 expected"],
      [{ model, chunk: 1 }, "schema: missing"],
      [{ schema: 1, model }, "chunk: missing"],
      [{ ...plan, chunk: 0 }, "chunk: whole number of at least 1 expected"],
      [{ ...plan, chunk: 1.5 }, "chunk: whole number of at least 1 expected"],
      [{ ...plan, chunks: 2 }, "chunks: unknown key"],
      [{ ...plan, model: { name: "x", sha256: "ab" } }, "model.sha256: 64 hexadecimal digits expected"],
      [{ ...plan, budget: { bytes: 0.5 } }, "budget.bytes: number of at least 1 expected"],
      [{ ...plan, budget: { flash: 2 } }, "budget.flash: unknown key"],
      [{ ...plan, splits: ["a", 3] }, "splits[1]: text expected"],
      [{ ...plan, axes: { x: -1 } }, "axes.x: whole number of at least 0 expected"],
      [{ ...plan, caches: { y: { state: "kept" } } }, "caches.y.state: accepted | removed | forced expected"],
      [{ ...plan, caches: { y: { state: "forced" } } }, "caches.y.frames: missing"],
      [
        { ...plan, caches: { y: { state: "removed", frames: 1 } } },
        "caches.y.frames: only a forced cache names its frames",
      ],
      [
        { ...plan, approximations: { y: { kind: "guess" } } },
        `approximations.y.kind: ${APPROXIMATION_KINDS.join(" | ")} expected`,
      ],
      [{ ...plan, approximations: { y: { kind: "window" } } }, "approximations.y.frames: missing"],
      [
        { ...plan, approximations: { y: { kind: "running", frames: 3 } } },
        "approximations.y.frames: unknown key",
      ],
      [{ ...plan, method: "max" }, "method: kl | minmax | percentile | mse expected"],
      [{ ...plan, features: { x: {} } }, "features.x.kind: missing"],
    ];
    for (const [value, what] of cases) {
      expect(problemOf(JSON.stringify(value))).toEqual({ code: "plan.malformed", what });
    }
    expect(problemOf("{")).toEqual({ code: "plan.malformed", what: "not valid JSON" });
  });
});
