import { describe, expect, it } from "vitest";
import { defaultPlan } from "../../../core/plan/default-plan.ts";
import type { Conversion } from "../../../worker/protocol.ts";
import { boundOf, costOfStart } from "./start-cost.ts";

const model = { name: "m", sha256: "" };

describe("what a start costs", () => {
  it("tells the bound in frames, and in milliseconds of audio where the rate is known", () => {
    const start = { guarded: 2, wrongFrames: 3, wrongInputFrames: 6 };
    expect(boundOf(start, defaultPlan(model, {}))).toEqual({ kind: "frames", numbers: { n: 3 } });
    const features = {
      x: {
        kind: "logmel",
        rateHz: 16000,
        hopSamples: 160,
        windowSamples: 400,
        fftSize: 512,
        window: "hann",
        melBands: 40,
        coefficients: 13,
        lowHz: 0,
        highHz: 8000,
        mel: "htk",
        power: 2,
        floor: 1e-6,
        center: false,
      },
    } as const;
    // 6 input frames of 10 ms.
    expect(boundOf(start, defaultPlan(model, { features }))).toEqual({
      kind: "time",
      numbers: { n: 3, ms: 60 },
    });
    const endless = { ...start, wrongFrames: Number.POSITIVE_INFINITY };
    expect(boundOf(endless, defaultPlan(model, { features }))).toEqual({ kind: "endless" });
  });

  it("counts what the policy asks for", () => {
    const conversion = (policy: string) =>
      ({
        warmUp: { policy, wrongFrames: 4 },
        outputs: [{ delay: 1 }, { delay: 5 }],
        modules: [
          {
            startRuns: 7,
            caches: [
              { holdSteps: 2, readers: [{ use: "window" }] },
              { readers: [{ use: "position" }, { use: "position" }] },
            ],
          },
        ],
      }) as unknown as Conversion;
    const count = (policy: string) => costOfStart(conversion(policy));
    expect(count("hold")).toEqual({ policy: "hold", numbers: { n: 2, delay: 5 } });
    expect(count("mask")).toEqual({ policy: "mask", numbers: { n: 2, delay: 5 } });
    expect(count("two-graph")).toEqual({ policy: "two-graph", numbers: { n: 7, delay: 5 } });
    expect(count("ignore")).toEqual({ policy: "ignore", numbers: { n: 4, delay: 5 } });
  });
});
