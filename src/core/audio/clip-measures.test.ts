import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { envelopeOf, measureClip, spectrogramOf } from "./clip-measures.ts";
import { mixToMono } from "./mix.ts";
import { noise, sine } from "./signals.fixture.ts";

describe("measures", () => {
  test("peak, clipping and silence over all channels", () => {
    const left = new Float32Array(1600);
    left.set([1, -1, 32767 / 32768, -0.5]);
    const measures = measureClip([left, new Float32Array(1600)], 16000);
    // Five spans of 20 ms per channel, one of them not silent; 3 of 3,200 samples clipped.
    expect(measures).toEqual({ peak: 1, clippedFraction: 3 / 3200, silentFraction: 0.9 });
  });

  test("an empty clip", () => {
    const nothing = { peak: 0, clippedFraction: 0, silentFraction: 0 };
    expect(measureClip([], 16000)).toEqual(nothing);
    expect(measureClip([new Float32Array()], 16000)).toEqual(nothing);
  });
});

test("the envelope holds every sample between its lowest and highest", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 80 }), (count, columns) => {
      const samples = noise(count);
      const envelope = envelopeOf(samples, columns);
      expect(envelope.length).toBe(2 * columns);
      if (count === 0) return;
      const lows = envelope.filter((_, i) => i % 2 === 0);
      const highs = envelope.filter((_, i) => i % 2 === 1);
      if (count >= columns) {
        expect(Math.min(...lows)).toBe(Math.min(...samples));
        expect(Math.max(...highs)).toBe(Math.max(...samples));
      }
      for (let c = 0; c < columns; c++) expect(lows[c]).toBeLessThanOrEqual(highs[c] ?? -9);
    }),
  );
});

describe("spectrogram", () => {
  test("a sine of full scale is 0 dB in its bin, silence is 0", () => {
    const { frames, bins, levels } = spectrogramOf(sine(16000, { hz: 3125, rateHz: 16000 }), 50);
    expect([frames, bins]).toEqual([50, 256]);
    expect(levels[25 * bins + 100]).toBe(255);
    expect(levels[25 * bins + 200]).toBe(0);
    expect(Math.max(...spectrogramOf(new Float32Array(16000), 50).levels)).toBe(0);
  });

  test("half the amplitude is 6 dB less", () => {
    const { bins, levels } = spectrogramOf(sine(16000, { hz: 3125, rateHz: 16000, amplitude: 0.5 }), 50);
    expect(levels[25 * bins + 100]).toBe(Math.round(255 * (1 - 0.0602)));
  });

  test.each([0, 1, 100, 511])("a clip of %i samples", (count) => {
    const { frames, levels } = spectrogramOf(noise(count), 50);
    expect(frames).toBe(Math.ceil(count / 128));
    expect(levels.length).toBe(frames * 256);
  });
});

test("mono is the mean", () => {
  expect(mixToMono([Float32Array.of(1, 0), Float32Array.of(0, -1)])).toEqual(Float32Array.of(0.5, -0.5));
  const only = noise(4);
  expect(mixToMono([only])).toBe(only);
  expect(mixToMono([])).toEqual(new Float32Array());
});
