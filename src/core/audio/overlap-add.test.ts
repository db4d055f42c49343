import { describe, expect, it } from "vitest";
import type { FeatureSettings } from "../plan/plan.ts";
import { makeExtractor } from "./features.ts";
import { inferFeatures } from "./infer-features.ts";
import { overlapAdd } from "./overlap-add.ts";
import { joined, noise } from "./signals.fixture.ts";

const BASE = inferFeatures([1, 40, "T"], 2).settings;
const CASES: readonly Partial<FeatureSettings>[] = [
  { windowSamples: 512, hopSamples: 256, fftSize: 512, window: "sqrt-hann", center: false },
  { windowSamples: 400, hopSamples: 160, fftSize: 512, window: "hann", center: true },
  { windowSamples: 96, hopSamples: 24, fftSize: 101, window: "hamming", center: true },
  { windowSamples: 64, hopSamples: 64, fftSize: 64, window: "rectangular", center: false },
];

describe("overlapAdd", () => {
  it("gives a signal back from its own frames", () => {
    for (const part of CASES) {
      const settings: FeatureSettings = { ...BASE, ...part, kind: "stft" };
      const samples = noise(4000);
      const extractor = makeExtractor(settings, settings.rateHz);
      const back = overlapAdd(joined([extractor.push(samples), extractor.flush()]), settings);
      // At the open ends too few windows overlap; frames that were centred reach beyond both.
      const edge = settings.center ? 0 : settings.windowSamples;
      const last = Math.min(back.length - edge, samples.length);
      expect(last - edge).toBeGreaterThan(2500);
      let worst = 0;
      for (let n = edge; n < last; n++)
        worst = Math.max(worst, Math.abs((back[n] as number) - (samples[n] as number)));
      // Frames are float32: 2^-24 of spectra up to some 30, summed over a window.
      expect(worst, JSON.stringify(part)).toBeLessThan(2e-6);
    }
  });

  it("is silent for no frames and for silence", () => {
    const settings: FeatureSettings = { ...BASE, ...CASES[0], kind: "stft" };
    expect(overlapAdd(new Float32Array(), settings)).toHaveLength(0);
    const silence = overlapAdd(new Float32Array(3 * 514), settings);
    expect(silence).toHaveLength(2 * 256 + 512);
    expect(silence.every((x) => x === 0)).toBe(true);
  });
});
