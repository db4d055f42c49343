import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ErrorMeter } from "./error-metrics.ts";

const f32 = (values: readonly number[]) => Float32Array.from(values);
const real = fc.float({ min: -100, max: 100, noNaN: true });

/** Frames × channels of a reference and of what came out. */
const clip = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 4 }))
  .chain(([frames, channels]) =>
    fc.record({
      frames: fc.constant(frames),
      channels: fc.constant(channels),
      reference: fc.array(real, { minLength: frames * channels, maxLength: frames * channels }),
      error: fc.array(fc.constantFrom(0, 0, 0, 0.5, -1, 2), {
        minLength: frames * channels,
        maxLength: frames * channels,
      }),
    }),
  );

describe("ErrorMeter", () => {
  it("measures as the definitions say, wherever the time axis is", () => {
    fc.assert(
      fc.property(clip, ({ frames, channels, reference, error }) => {
        const f = f32(reference);
        const q = f.map((x, i) => x + (error[i] ?? 0));
        const frameMajor = new ErrorMeter();
        frameMajor.add(f, q, { dims: [frames, channels], axis: 0 });
        const turn = (v: Float32Array) =>
          v.map((_, i) => v[(i % frames) * channels + Math.floor(i / frames)] ?? 0);
        const channelMajor = new ErrorMeter();
        channelMajor.add(turn(f), turn(q), { dims: [1, channels, frames], axis: 2 });

        const d = Array.from(f, (x, i) => x - (q[i] ?? 0));
        const sum = (v: readonly number[]) => v.reduce((a, b) => a + b, 0);
        const squares = (v: Iterable<number>) => sum(Array.from(v, (x) => x * x));
        const maxAbs = Math.max(...d.map(Math.abs));
        const range = Math.max(...f) - Math.min(...f) || Math.abs(f[0] ?? 0);
        const tolerance = 0.01;
        const bad = d.findIndex((e) => Math.abs(e) > tolerance * range);
        for (const meter of [frameMajor, channelMajor]) {
          const s = meter.summary("v", tolerance);
          expect(s.maxAbs).toBe(maxAbs);
          if (maxAbs > 0) expect(s.maxRelative).toBe(maxAbs / range);
          expect(s.rms).toBeCloseTo(Math.sqrt(squares(d) / d.length), 9);
          if (maxAbs > 0 && squares(f) > 0) {
            expect(s.sqnrDb).toBeCloseTo(10 * Math.log10(squares(f) / squares(d)), 6);
          }
          expect(s.firstBadFrame).toBe(bad < 0 ? -1 : Math.floor(bad / channels));
          expect(s.frames).toBe(frames);
          const norm = Math.sqrt(squares(f) * squares(q));
          // Values near the smallest float32 lose their squares' last digits; the ratio keeps six.
          if (norm > 1e-30)
            expect(s.cosine).toBeCloseTo(sum(Array.from(f, (x, i) => x * (q[i] ?? 0))) / norm, 6);
        }
        expect(frameMajor.trace("v").error).toEqual(channelMajor.trace("v").error);
      }),
      { numRuns: 100 },
    );
  });

  it("appends clips as if they had been one", () => {
    fc.assert(
      fc.property(
        clip,
        fc.array(fc.nat(9), { minLength: 1 }),
        ({ frames, channels, reference, error }, cuts) => {
          const f = f32(reference);
          const q = f.map((x, i) => x + (error[i] ?? 0));
          const whole = new ErrorMeter();
          whole.add(f, q, { dims: [frames, channels], axis: 0 });
          const parts = new ErrorMeter();
          for (let at = 0, i = 0; at < frames; i++) {
            const count = Math.min(frames - at, (cuts[i % cuts.length] ?? 0) + 1);
            const [from, to] = [at * channels, (at + count) * channels];
            const part = new ErrorMeter();
            part.add(f.subarray(from, to), q.subarray(from, to), { dims: [count, channels], axis: 0 });
            parts.append(part);
            at += count;
          }
          const [a, b] = [whole.summary("v", 0.01), parts.summary("v", 0.01)];
          expect({ ...b, rms: 0, sqnrDb: 0, cosine: 0 }).toEqual({ ...a, rms: 0, sqnrDb: 0, cosine: 0 });
          expect(b.rms).toBeCloseTo(a.rms, 9);
          expect(parts.trace("v").error).toEqual(whole.trace("v").error);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("thins long traces and keeps every peak", () => {
    const frames = 12_345;
    const reference = Float32Array.from({ length: frames }, (_, i) => i % 7);
    const actual = reference.slice();
    actual[9876] = 50;
    const meter = new ErrorMeter();
    for (let at = 0; at < frames; at += 100) {
      const end = Math.min(frames, at + 100);
      meter.add(reference.subarray(at, end), actual.subarray(at, end), { dims: [end - at], axis: 0 });
    }
    const trace = meter.trace("v");
    expect(trace.framesPerPoint).toBe(16);
    expect(trace.error.length).toBe(Math.ceil(frames / 16));
    expect(trace.error[Math.floor(9876 / 16)]).toBe(Math.abs(50 - (9876 % 7)));
    expect(trace.error.reduce((n, e) => n + (e > 0 ? 1 : 0), 0)).toBe(1);
    expect(meter.summary("v").firstBadFrame).toBe(9876);
  });

  it("calls equal data equal, silence and infinities included", () => {
    const meter = new ErrorMeter();
    const odd = f32([0, Number.NaN, Number.POSITIVE_INFINITY, 0]);
    meter.add(odd, odd, { dims: [4], axis: 0 });
    expect(meter.summary("v")).toMatchObject({ maxAbs: 0, maxRelative: 0, cosine: 1, firstBadFrame: -1 });
    expect(meter.summary("v").sqnrDb).toBe(Number.POSITIVE_INFINITY);
  });

  it("calls a NaN against a number an infinite error", () => {
    const meter = new ErrorMeter();
    meter.add(f32([1, 2, 3]), f32([1, Number.NaN, 3]), { dims: [3], axis: 0 });
    const summary = meter.summary("v", 1);
    expect(summary.maxAbs).toBe(Number.POSITIVE_INFINITY);
    expect(summary.sqnrDb).toBe(Number.NEGATIVE_INFINITY);
    expect(summary.firstBadFrame).toBe(1);
  });
});
