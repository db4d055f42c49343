import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decimate, histogramPoints, tracePoints } from "./series.ts";

const samples = fc.float32Array({ minLength: 1, maxLength: 5000, noNaN: true, min: -1, max: 1 });
const peak = (values: Float32Array) => values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);

describe("decimate", () => {
  it("never loses the peak and never exceeds the number of points", () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 500 }), (values, points) => {
        const out = decimate(values, points);
        expect(out.length).toBeLessThanOrEqual(Math.max(points, 1));
        expect(peak(out)).toBe(peak(values));
      }),
    );
  });
});

describe("tracePoints", () => {
  it("spans the whole clip", () => {
    const trace = { level: new Float32Array(4000), error: new Float32Array(4000), framesPerPoint: 2 };
    const points = tracePoints(trace, 100, 1000);
    expect(points).toHaveLength(1000);
    expect(points.at(-1)?.x).toBeCloseTo(79.92);
  });
});

describe("histogramPoints", () => {
  it("keeps every count", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(20), { minLength: 64, maxLength: 64 }),
        fc.integer({ min: 1, max: 40 }),
        (counts, n) => {
          const outline = histogramPoints({ bins: Float64Array.from(counts), widthLog2: -3 }, n);
          expect(outline.length).toBeLessThanOrEqual(n + 1);
          const total = counts.reduce((a, b) => a + b, 0);
          expect(outline.reduce((sum, b) => sum + (b.count ?? 0), 0)).toBe(total);
          expect(outline.at(-1)?.count).toBe(0);
        },
      ),
    );
  });
});
