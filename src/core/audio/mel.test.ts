import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hzToMel, makeMelBands, melToHz } from "./mel.ts";

describe.each(["htk", "slaney"] as const)("%s scale", (scale) => {
  test("there and back, and rising", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 24000, noNaN: true }), (hz) => {
        expect(Math.abs(melToHz(hzToMel(hz, scale), scale) - hz)).toBeLessThan(1e-9 * (1 + hz));
        expect(hzToMel(hz + 1, scale)).toBeGreaterThan(hzToMel(hz, scale));
      }),
    );
  });
});

test("HTK: 1000 Hz is very nearly 1000 mel", () => {
  expect(hzToMel(1000, "htk")).toBeCloseTo(999.9855, 4);
});

// Documentation of librosa.mel_frequencies(n_mels=40): 0 to 11,025 Hz.
test("Slaney points", () => {
  const top = hzToMel(11025, "slaney");
  const points = [1, 2, 11, 12, 13, 38].map((i) => melToHz((top * i) / 39, "slaney"));
  const expected = [85.317, 170.635, 938.49, 1024.856, 1119.114, 10095.873];
  points.forEach((p, i) => {
    expect(Math.abs(p - (expected[i] ?? 0)) / p).toBeLessThan(1e-3);
  });
});

describe("banks", () => {
  const settings = { rateHz: 16000, fftSize: 512, melBands: 40, lowHz: 20, highHz: 8000 };

  test("HTK triangles add up to one between the outer centres", () => {
    const bands = makeMelBands({ ...settings, mel: "htk" });
    const sum = new Float64Array(257);
    for (const { firstBin, weights } of bands) {
      weights.forEach((w, i) => {
        sum[firstBin + i] = (sum[firstBin + i] ?? 0) + w;
      });
    }
    for (let bin = 3; bin < 240; bin++) expect(sum[bin]).toBeCloseTo(1, 9);
  });

  test("Slaney triangles have area one in Hz", () => {
    const fine = makeMelBands({ ...settings, fftSize: 16384, mel: "slaney" });
    for (const { weights } of fine) {
      const area = weights.reduce((s, w) => s + w, 0) * (16000 / 16384);
      // The narrowest triangle spans 130 samples of the fine grid.
      expect(area).toBeCloseTo(1, 2);
    }
  });
});
