import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FeatureKind, FeatureSettings } from "../plan/plan.ts";
import { frameCount, frameWidth, makeExtractor } from "./features.ts";
import { makeFrameSource } from "./frame-source.ts";
import { inferFeatures } from "./infer-features.ts";
import { blocksOf, joined, noise, sine } from "./signals.fixture.ts";

const BASE = inferFeatures([1, 40, "T"], 2).settings;

function extract(settings: FeatureSettings, samples: Float32Array, fromHz = settings.rateHz): Float32Array {
  const extractor = makeExtractor(settings, fromHz);
  return joined([extractor.push(samples), extractor.flush()]);
}

const settingsOf = fc
  .record({
    kind: fc.constantFrom<FeatureKind>("raw", "logmel", "mfcc", "stft"),
    windowSamples: fc.integer({ min: 1, max: 64 }),
    hopSamples: fc.integer({ min: 1, max: 90 }),
    extra: fc.integer({ min: 0, max: 10 }),
    melBands: fc.integer({ min: 2, max: 12 }),
    window: fc.constantFrom<FeatureSettings["window"]>("hann", "sqrt-hann", "hamming", "rectangular"),
    mel: fc.constantFrom<FeatureSettings["mel"]>("htk", "slaney"),
    power: fc.constantFrom<1 | 2>(1, 2),
    center: fc.boolean(),
  })
  .map(
    ({ extra, ...s }): FeatureSettings => ({
      ...BASE,
      ...s,
      fftSize: s.windowSamples + 1 + extra,
      coefficients: Math.min(4, s.melBands),
    }),
  );

describe("streaming", () => {
  test("blocks of any size give the same bits as the whole clip, and the number of frames foretold", () => {
    fc.assert(
      fc.property(
        settingsOf,
        fc.integer({ min: 0, max: 900 }),
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(16000, 8000, 22050),
        (settings, count, sizes, fromHz) => {
          const samples = noise(count);
          const extractor = makeExtractor(settings, fromHz);
          const parts = blocksOf(samples, sizes).map((b) => extractor.push(b));
          parts.push(extractor.flush());
          const whole = extract(settings, samples, fromHz);
          expect(joined(parts)).toEqual(whole);
          expect(whole.length).toBe(frameCount(settings, count, fromHz) * frameWidth(settings));
        },
      ),
      { numRuns: 80 },
    );
  });

  test("a frame source reads the same frames in any portions, and again after a rewind", () => {
    const samples = noise(50_000);
    const whole = extract(BASE, samples, 22050);
    const source = makeFrameSource(BASE, samples, 22050);
    expect(source.frames).toBe(whole.length / 40);
    for (const portion of [1000, 7, 64]) {
      source.rewind();
      const parts: Float32Array[] = [];
      for (let part = source.read(portion); part.length > 0; part = source.read(portion)) parts.push(part);
      expect(joined(parts)).toEqual(whole);
    }
  });
});

describe("frames", () => {
  test("raw frames are the samples", () => {
    const samples = noise(10);
    expect(extract({ ...BASE, kind: "raw", hopSamples: 1 }, samples)).toEqual(samples);
    expect(extract({ ...BASE, kind: "raw", hopSamples: 4 }, samples)).toEqual(samples.slice(0, 8));
  });

  test("centred frames start half a window early: the first holds silence, then the start", () => {
    const settings: FeatureSettings = {
      ...BASE,
      kind: "stft",
      windowSamples: 8,
      fftSize: 8,
      hopSamples: 4,
      window: "rectangular",
    };
    const samples = noise(16);
    const centred = extract({ ...settings, center: true }, samples);
    const padded = new Float32Array(24);
    padded.set(samples, 4);
    expect(centred).toEqual(extract(settings, padded));
    expect(centred.length).toBe(5 * 10);
  });

  test("a sine is loudest in the band that holds it", () => {
    const settings: FeatureSettings = { ...BASE, melBands: 24 };
    const frames = extract(settings, sine(4000, { hz: 1000, rateHz: 16000 }));
    const first = frames.slice(0, 24);
    // 1,000 Hz = 1,000 mel of 2,840 mel in 25 steps from 31.7 mel: nearest centre is band 8 (index from 0: 8).
    expect(first.indexOf(Math.max(...first))).toBe(8);
  });

  test("twice the amplitude adds ln 4 to every log power", () => {
    const samples = noise(2000);
    const once = extract({ ...BASE, floor: 1e-30 }, samples);
    const twice = extract(
      { ...BASE, floor: 1e-30 },
      samples.map((x) => 2 * x),
    );
    twice.forEach((v, i) => {
      expect(v - (once[i] ?? 0)).toBeCloseTo(Math.log(4), 5);
    });
  });

  test("silence is the logarithm of the floor", () => {
    const frames = extract(BASE, new Float32Array(800));
    expect(new Set(frames)).toEqual(new Set([Math.fround(Math.log(1e-6))]));
  });

  test("the STFT of a sum is the sum of the STFTs", () => {
    const settings: FeatureSettings = { ...BASE, kind: "stft", center: true };
    const [a, b] = [noise(3000, 1), noise(3000, 2)];
    const sum = extract(
      settings,
      a.map((x, i) => x + (b[i] ?? 0)),
    );
    const [fa, fb] = [extract(settings, a), extract(settings, b)];
    sum.forEach((v, i) => {
      // Samples and results are rounded to float32; values reach about 20.
      expect(Math.abs(v - (fa[i] ?? 0) - (fb[i] ?? 0))).toBeLessThan(1e-5);
    });
  });
});

/*
 * Reference values by numpy in float64, from the formulas alone: x = noise(1600, seed 1) as float32; frame 3 = x[480:880];
 * w = 0.5 − 0.5·cos(2πn/400); P = |rfft(x·w, 512)|²; triangles of `mel` from 20 to 8,000 Hz, 40 bands; ln(P·W + 1e-6);
 * DCT-II orthonormal.
 */
const GOLDEN: readonly {
  readonly name: string;
  readonly settings: Partial<FeatureSettings>;
  readonly at: readonly number[];
  readonly values: readonly number[];
}[] = [
  {
    name: "log-mel, HTK",
    settings: {},
    at: [0, 7, 20, 39],
    values: [3.38777946, 3.8816249, 6.67560756, 6.80207706],
  },
  {
    name: "log-mel, Slaney",
    settings: { mel: "slaney" },
    at: [0, 7, 20, 39],
    values: [0.53036057, 0.929294201, 1.62810443, 0.648317828],
  },
  {
    name: "log-mel of magnitudes",
    settings: { power: 1 },
    at: [0, 7, 20, 39],
    values: [1.73263367, 2.33844069, 4.0334737, 4.72617114],
  },
  {
    name: "MFCC",
    settings: { kind: "mfcc" },
    at: [0, 1, 6, 12],
    values: [33.7082531, -4.63609707, -0.436207446, -1.33521324],
  },
  {
    name: "STFT of 400, Hamming",
    settings: { kind: "stft", fftSize: 400, window: "hamming" },
    at: [10, 200, 201 + 10, 201 + 150],
    values: [0.567171474, -9.85102948, -2.45251253, -2.81783776],
  },
];

describe("golden numbers", () => {
  const samples = noise(1600);
  const frame = (settings: FeatureSettings, index: number): number[] => {
    const width = frameWidth(settings);
    return Array.from(extract(settings, samples).slice(index * width, (index + 1) * width));
  };

  test.each(GOLDEN)("$name", ({ settings, at, values }) => {
    const found = frame({ ...BASE, ...settings }, 3);
    at.forEach((i, k) => {
      // float32 output: seven digits.
      expect(found[i]).toBeCloseTo(values[k] ?? 0, 5);
    });
  });
});
