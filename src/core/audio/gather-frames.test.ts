import fc from "fast-check";
import { expect, it } from "vitest";
import type { FeatureSettings } from "../plan/plan.ts";
import { gatherFrames } from "./gather-frames.ts";
import { inferFeatures } from "./infer-features.ts";
import { layoutFrames } from "./layout-frames.ts";
import { noise } from "./signals.fixture.ts";

it("takes apart what layoutFrames lays out, wherever time runs", () => {
  const base = inferFeatures([1, 40, "T"], 2).settings;
  const bins = fc.integer({ min: 3, max: 9 });
  fc.assert(
    fc.property(bins, fc.integer({ min: 1, max: 7 }), fc.integer({ min: 0, max: 3 }), (n, frames, form) => {
      const settings: FeatureSettings = { ...base, kind: "stft", windowSamples: 2, fftSize: 2 * (n - 1) };
      const [shape, axis] = (
        [
          [[1, n, "T", 2], 2],
          [[1, "T", 2, n], 1],
          [[1, 2 * n, "T"], 2],
          [[1, 2, "T", n], 2],
        ] as const
      )[form] as readonly [readonly (number | string)[], number];
      const values = noise(frames * 2 * n);
      const { dims, data } = layoutFrames(settings, { input: "x", shape, axis })(values);
      expect(gatherFrames(data, dims, axis)).toEqual(values);
    }),
  );
});
