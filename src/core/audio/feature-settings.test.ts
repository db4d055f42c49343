import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StudioError } from "../base/problem.ts";
import { checkFeatures } from "./check-features.ts";
import { frameWidth } from "./features.ts";
import { inferFeatures } from "./infer-features.ts";
import { layoutFrames } from "./layout-frames.ts";
import { makeMelBands } from "./mel.ts";
import { changeFeatures, parseFeatureSettings } from "./parse-settings.ts";

const problemOf = (run: () => unknown): unknown => {
  try {
    run();
  } catch (e) {
    if (e instanceof StudioError) return e.problem;
    throw e;
  }
  return undefined;
};

describe("inference", () => {
  test.each([
    ["raw", [1, 1, "T"], 2, 1],
    ["raw", ["N", "T"], 1, 1],
    ["raw", [1, 16000], 1, 1],
    ["logmel", [1, 40, "T"], 2, 40],
    ["logmel", [1, "T", 80], 1, 80],
    ["logmel", [1, 1, 64, 101], 3, 64],
    ["logmel", ["N", "T", 400], 1, 400],
    ["logmel", ["N", "T", 560], 1, 560],
    ["logmel", [1, 257, "T"], 2, 257],
    ["stft", [1, 257, "T", 2], 2, 514],
    ["stft", [1, 2, "T", 257], 2, 514],
    ["stft", [1, 161, "T", 2], 2, 322],
    ["stft", [1, "T", 514], 1, 514],
  ] as const)("%s from %j along %i", (kind, shape, axis, width) => {
    const { settings } = inferFeatures(shape, axis);
    expect(settings.kind).toBe(kind);
    expect(frameWidth(settings)).toBe(width);
    checkFeatures(settings);
    layoutFrames(settings, { input: "x", shape, axis });
  });

  test.each([
    ["pictures", [1, 3, 224, "T"], 3],
    ["three axes", [1, 3, 5, "T", 7], 3],
    ["no time axis", [1, 40], undefined],
    ["no shape", undefined, 1],
  ] as const)("%s are ready-made tensors", (_name, shape, axis) => {
    expect(inferFeatures(shape, axis).settings.kind).toBe("tensor");
  });

  test("every band holds a bin, however many bands", () => {
    for (const bands of [13, 40, 80, 128, 257, 400, 560]) {
      const { settings } = inferFeatures([1, bands, "T"], 2);
      expect(
        makeMelBands(settings).every((b) => b.weights.length > 0),
        `${bands}`,
      ).toBe(true);
    }
  });

  test("an STFT of half-overlapping windows", () => {
    expect(inferFeatures([1, 257, "T", 2], 2).settings).toMatchObject({
      fftSize: 512,
      windowSamples: 512,
      hopSamples: 256,
      window: "sqrt-hann",
    });
  });
});

const base = inferFeatures([1, 40, "T"], 2).settings;

describe("command line", () => {
  test("name, keys, values", () => {
    expect(parseFeatureSettings("x:kind=mfcc,coefficients=20,floor=1e-8,center=true,power=1")).toEqual({
      input: "x",
      changes: { kind: "mfcc", coefficients: 20, floor: 1e-8, center: true, power: 1 },
    });
  });

  test("names may hold colons, or be absent", () => {
    expect(parseFeatureSettings("serving:x:0:kind=raw")).toMatchObject({ input: "serving:x:0" });
    expect(parseFeatureSettings("kind=raw")).toEqual({ changes: { kind: "raw" } });
  });

  test("whatever is written, it is read or refused by key", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const problem = problemOf(() => parseFeatureSettings(text));
        if (problem !== undefined) expect(problem).toMatchObject({ code: "features.invalid" });
      }),
    );
  });

  test.each([
    ["x:speed=3", "speed", { code: "name", name: expect.stringContaining("kind | window") }],
    ["x:kind=mel", "kind", { code: "name", name: "raw | logmel | mfcc | stft | tensor" }],
    ["x:hopSamples=ten", "hopSamples", { code: "aNumber" }],
    ["x:hopSamples=-1", "hopSamples", { code: "aNumber" }],
    ["x:hopSamples", "hopSamples", { code: "aNumber" }],
    ["x:hopSamples=1,hopSamples=2", "hopSamples", { code: "once" }],
    ["x:", "", { code: "name" }],
  ])("%s", (text, key, expected) => {
    expect(problemOf(() => parseFeatureSettings(text))).toMatchObject({
      code: "features.invalid",
      key,
      expected,
    });
  });
});

describe("changes", () => {
  test("a new rate keeps times and the place in the band", () => {
    const at8k = changeFeatures(base, { rateHz: 8000 });
    expect(at8k).toMatchObject({ hopSamples: 80, windowSamples: 200, fftSize: 256, highHz: 4000 });
    expect(changeFeatures(at8k, { rateHz: 16000 })).toEqual(base);
    expect(changeFeatures(base, { rateHz: 48000 })).toMatchObject({ windowSamples: 1200, fftSize: 2048 });
    for (const rateHz of [8000, 11025, 44100]) checkFeatures(changeFeatures(base, { rateHz }));
  });

  test("an STFT keeps its bins", () => {
    const stft = inferFeatures([1, 257, "T", 2], 2).settings;
    expect(changeFeatures(stft, { rateHz: 48000 })).toEqual({ ...stft, rateHz: 48000, highHz: 24000 });
  });
});

describe("checks", () => {
  test.each([
    [{ rateHz: 0 }, "rateHz"],
    [{ rateHz: 8000.5 }, "rateHz"],
    [{ hopSamples: 0 }, "hopSamples"],
    [{ fftSize: 1 }, "fftSize"],
    [{ windowSamples: 513 }, "windowSamples"],
    [{ melBands: 0 }, "melBands"],
    [{ highHz: 8001 }, "highHz"],
    [{ lowHz: 8000 }, "lowHz"],
    [{ floor: 0 }, "floor"],
    [{ kind: "mfcc", coefficients: 41 }, "coefficients"],
  ] as const)("%j", (changes, key) => {
    expect(problemOf(() => checkFeatures({ ...base, ...changes }))).toMatchObject({
      code: "features.invalid",
      key,
    });
  });

  test("what a kind does not read is not looked at", () => {
    checkFeatures({ ...base, kind: "raw", fftSize: 1, floor: 0 });
    checkFeatures({ ...base, kind: "tensor", rateHz: 0 });
  });
});
