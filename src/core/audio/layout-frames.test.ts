import { describe, expect, test } from "vitest";
import { StudioError } from "../base/problem.ts";
import type { FeatureSettings } from "../plan/plan.ts";
import { inferFeatures } from "./infer-features.ts";
import { layoutFrames } from "./layout-frames.ts";

const BASE = inferFeatures([1, 40, "T"], 2).settings;
const logmel = (melBands: number): FeatureSettings => ({ ...BASE, melBands });
/** Two bins and a half make no sense; three bins: re0 re1 re2 im0 im1 im2. */
const stft: FeatureSettings = { ...BASE, kind: "stft", fftSize: 4 };
const raw: FeatureSettings = { ...BASE, kind: "raw", hopSamples: 1 };

const lay = (
  settings: FeatureSettings,
  shape: readonly (number | string | null)[],
  axis: number,
  frames: readonly number[],
): unknown => {
  const { dims, data } = layoutFrames(settings, { input: "x", shape, axis })(Float32Array.from(frames));
  return [dims, Array.from(data)];
};

describe("places", () => {
  test("time behind, before and between the bins", () => {
    const frames = [1, 2, 3, 11, 12, 13];
    expect(lay(logmel(3), [1, 3, "T"], 2, frames)).toEqual([
      [1, 3, 2],
      [1, 11, 2, 12, 3, 13],
    ]);
    expect(lay(logmel(3), [1, "T", 3], 1, frames)).toEqual([[1, 2, 3], frames]);
    expect(lay(logmel(3), ["N", 1, 7, 3], 2, frames)).toEqual([[1, 1, 2, 3], frames]);
  });

  test("bins over two axes run row by row", () => {
    expect(lay(logmel(4), [1, 2, "T", 2], 2, [1, 2, 3, 4, 11, 12, 13, 14])).toEqual([
      [1, 2, 2, 2],
      [1, 2, 11, 12, 3, 4, 13, 14],
    ]);
  });

  test("one value per frame", () => {
    expect(lay(raw, [1, 1, "T"], 2, [1, 2])).toEqual([
      [1, 1, 2],
      [1, 2],
    ]);
    expect(lay(raw, ["N", "T"], 1, [1, 2])).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(lay(raw, [16000], 0, [1, 2])).toEqual([[2], [1, 2]]);
  });

  test("STFT: bins × 2 in turn, 2 × bins and a flat axis in blocks", () => {
    const frames = [1, 2, 3, -1, -2, -3];
    expect(lay(stft, [1, 3, "T", 2], 2, frames)).toEqual([
      [1, 3, 1, 2],
      [1, -1, 2, -2, 3, -3],
    ]);
    expect(lay(stft, [1, 2, "T", 3], 2, frames)).toEqual([[1, 2, 1, 3], frames]);
    expect(lay(stft, [1, "T", 3, 2], 1, frames)).toEqual([
      [1, 1, 3, 2],
      [1, -1, 2, -2, 3, -3],
    ]);
    expect(lay(stft, [1, 6, "T"], 2, frames)).toEqual([[1, 6, 1], frames]);
  });

  test("a free axis takes the width, the batch does not", () => {
    expect(lay(logmel(3), ["N", "F", "T"], 2, [1, 2, 3])).toEqual([
      [1, 3, 1],
      [1, 2, 3],
    ]);
    expect(lay(logmel(3), [null, "T", null], 1, [1, 2, 3])).toEqual([
      [1, 1, 3],
      [1, 2, 3],
    ]);
  });

  test("no frames", () => {
    expect(lay(logmel(3), [1, 3, "T"], 2, [])).toEqual([[1, 3, 0], []]);
  });

  test("a frame that does not fit", () => {
    const problem = (): unknown => {
      try {
        layoutFrames(logmel(40), { input: "x", shape: [1, 80, "T"], axis: 2 });
      } catch (e) {
        return e instanceof StudioError ? e.problem : e;
      }
      return undefined;
    };
    expect(problem()).toEqual({ code: "features.mismatch", input: "x", needBins: 80, haveBins: 40 });
  });
});
