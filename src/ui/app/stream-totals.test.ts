import { describe, expect, it } from "vitest";
import { defaultPlan } from "../../core/plan/default-plan.ts";
import type { FeatureSettings } from "../../core/plan/plan.ts";
import type { StreamFact } from "../../core/stream/fact.ts";
import type { Conversion } from "../../worker/protocol.ts";
import { streamTotals } from "./stream-totals.ts";
import { frameMs, timeMarks } from "./time-marks.ts";

const logmel = { kind: "logmel", rateHz: 16000, hopSamples: 160 } as FeatureSettings;
const plan = defaultPlan({ name: "m", sha256: "" }, { axes: { x: 2 }, features: { x: logmel } });
const half = { num: 1, den: 2 };
const stream = (delay: number, rate = { num: 1, den: 1 }): StreamFact => ({
  kind: "stream",
  axis: 2,
  rate,
  delay,
  junk: { kind: "none" },
  field: { past: 0, future: 0 },
  exact: { kind: "exact" },
});

describe("frameMs", () => {
  it("is the hop of the first streaming input, and unknown for ready-made tensors", () => {
    expect(frameMs(plan)).toBe(10);
    expect(frameMs({ ...plan, features: { x: { ...logmel, kind: "tensor" } } })).toBeUndefined();
    expect(frameMs({ ...plan, features: {} })).toBeUndefined();
  });
});

describe("timeMarks", () => {
  it("counts a delay in the value's own frames and its milliseconds in the input's", () => {
    const marks = timeMarks(plan, { facts: new Map([["y", stream(3, half)]]) }, undefined);
    expect(marks.get("y")).toMatchObject({ rate: "1/2", delay: 3, delayMs: 60, approximate: false });
  });

  it("says nothing of what does not move", () => {
    const marks = timeMarks(plan, { facts: new Map([["k", { kind: "static" } as const]]) }, undefined);
    expect(marks.get("k")).toMatchObject({ kind: "static", rate: "", delay: 0 });
  });
});

describe("streamTotals", () => {
  const module = (cost: object) => ({ name: "a", cost });
  const cost = (weightBytes: number, cacheBytes: number, activationBytes: number) => ({
    weightBytes,
    cacheBytes,
    activationBytes,
  });
  const streaming = {
    outputs: [
      { kind: "stream", delay: 3, rate: half },
      { kind: "perStep", delay: 5, rate: { num: 1, den: 1 } },
    ],
    modules: [module(cost(100, 10, 1)), module(cost(50, 20, 90))],
  } as unknown as Conversion;

  it("adds up caches and weights, and takes the latest output and the largest module", () => {
    const totals = streamTotals(plan, streaming);
    expect(totals).toMatchObject({ delayFrames: 6, delayMs: 60, cacheBytes: 30, weightBytes: 150 });
    expect(totals?.peakBytes).toBe(160);
  });

  it("is silent without outputs", () => {
    expect(streamTotals(plan, undefined)).toBeUndefined();
    expect(streamTotals(plan, { outputs: [], modules: [] })).toBeUndefined();
  });
});
