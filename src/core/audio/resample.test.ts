import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeResampler, resample, resampledCount } from "./resample.ts";
import { blocksOf, joined, noise, sine } from "./signals.fixture.ts";

const RATES = [8000, 11025, 16000, 22050, 24000, 44100, 48000] as const;

/** Amplitude and phase of one frequency in samples from..to, by projection on a Hann window. */
function toneIn(samples: Float32Array, hz: number, rateHz: number): { amplitude: number; phase: number } {
  let [re, im, weight] = [0, 0, 0];
  samples.forEach((x, n) => {
    const w = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / samples.length);
    const angle = (2 * Math.PI * hz * n) / rateHz;
    re += w * x * Math.cos(angle);
    im -= w * x * Math.sin(angle);
    weight += w;
  });
  return { amplitude: (2 * Math.hypot(re, im)) / weight, phase: Math.atan2(im, re) };
}

const decibels = (ratio: number): number => 20 * Math.log10(ratio);
const rms = (samples: Float32Array): number =>
  Math.sqrt(samples.reduce((s, x) => s + x * x, 0) / samples.length);

describe("pass band", () => {
  test.each([
    [44100, 16000],
    [48000, 16000],
    [8000, 16000],
    [16000, 8000],
    [16000, 44100],
    [44100, 22050],
  ])("%i → %i Hz keeps amplitude within 0.01 dB, and phase", (from, to) => {
    const nyquist = Math.min(from, to) / 2;
    for (const part of [0.01, 0.2, 0.5, 0.8, 0.86]) {
      const hz = part * nyquist;
      const input = sine(from / 2, { hz, rateHz: from, amplitude: 0.5, phase: 0.7 });
      const out = toneIn(resample(input, from, to), hz, to);
      expect(Math.abs(decibels(out.amplitude / 0.5)), `${hz} Hz`).toBeLessThan(0.01);
      expect(out.phase, `${hz} Hz`).toBeCloseTo(0.7, 2);
    }
  });

  test("a constant stays itself to the last bit away from the ends", () => {
    const out = resample(new Float32Array(8000).fill(0.25), 44100, 16000);
    for (const x of out.subarray(200, -200)) expect(x).toBeCloseTo(0.25, 7);
  });
});

describe("stop band", () => {
  test.each([
    [44100, 16000, [8000, 8200, 9000, 15000, 21000]],
    [48000, 8000, [4000, 4100, 7900, 12000]],
  ])("%i → %i Hz leaves what cannot be represented 95 dB down", (from, to, tones) => {
    for (const hz of tones) {
      const out = resample(sine(from / 2, { hz, rateHz: from }), from, to);
      const middle = out.subarray(400, -400);
      expect(decibels(rms(middle) / Math.SQRT1_2), `${hz} Hz`).toBeLessThan(-95);
    }
  });

  test("images above the old band stay 95 dB down when the rate rises", () => {
    const out = resample(sine(8000, { hz: 3000, rateHz: 8000 }), 8000, 16000);
    const middle = out.subarray(1000, 9000);
    expect(decibels(toneIn(middle, 5000, 16000).amplitude)).toBeLessThan(-95);
  });
});

describe("streaming", () => {
  test("blocks of any size give the same bits as the whole clip", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...RATES),
        fc.constantFrom(...RATES),
        fc.integer({ min: 0, max: 1500 }),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 }),
        (from, to, count, sizes) => {
          const samples = noise(count);
          const resampler = makeResampler(from, to);
          const parts = blocksOf(samples, sizes).map((b) => resampler.push(b));
          parts.push(resampler.flush());
          const whole = resample(samples, from, to);
          expect(joined(parts)).toEqual(whole);
          expect(whole.length).toBe(resampledCount(count, from, to));
          // Flushed means new.
          expect(joined([resampler.push(samples), resampler.flush()])).toEqual(whole);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("rates without a common divisor", () => {
    const out = resample(sine(3000, { hz: 440, rateHz: 15999 }), 15999, 16000);
    expect(out.length).toBe(3001);
    expect(toneIn(out, 440, 16000).amplitude).toBeCloseTo(1, 2);
  });

  test("equal rates copy", () => {
    const samples = noise(10);
    const out = resample(samples, 16000, 16000);
    expect(out).toEqual(samples);
    expect(out).not.toBe(samples);
  });
});
