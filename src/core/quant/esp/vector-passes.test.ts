import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { simdKernels } from "../../base/simd/simd-kernels.ts";
import { MagnitudeHistogram } from "./magnitude-histogram.ts";
import { extremes } from "./percentile-range.ts";

/** Long enough for vectors, a rest behind them, and more than one chunk. */
const values = fc
  .tuple(fc.float32Array({ minLength: 64, maxLength: 150, noNaN: false }), fc.constantFrom(1, 60))
  .map(([some, times]) =>
    Float32Array.from({ length: some.length * times }, (_, i) => some[i % some.length] ?? 0),
  );

/** One value at a time: too few for a vector. */
function oneByOne(reach: number, bins: number, data: Float32Array): Uint32Array {
  const histogram = new MagnitudeHistogram(reach, bins);
  for (let i = 0; i < data.length; i++) histogram.add(data.subarray(i, i + 1));
  return histogram.counts;
}

describe.skipIf(!simdKernels())("passes over activations in vectors", () => {
  test.each([2048, 4096, 2 ** 16])("count into %i bins as the plain loop does", (bins) => {
    const reaches = fc.float({ min: Math.fround(1e-40), max: Math.fround(3e38), noNaN: true });
    fc.assert(
      fc.property(values, reaches, fc.boolean(), (data, reach, scaled) => {
        // Values of a float's whole range seldom meet the reach: half of the cases bring them there.
        const near = scaled ? data.map((x) => (x % 2) * reach) : data;
        const histogram = new MagnitudeHistogram(reach, bins);
        histogram.add(near);
        const plain = oneByOne(reach, bins, near);
        expect(histogram.counts.findIndex((n, i) => n !== plain[i])).toBe(-1);
      }),
      { numRuns: 20 },
    );
  });

  test("find the extremes that a plain loop finds", () => {
    fc.assert(
      fc.property(values, (data) => {
        let [low, high] = [data[0] ?? 0, data[0] ?? 0];
        for (const x of data) {
          if (x < low) low = x;
          if (x > high) high = x;
        }
        expect(extremes(data)).toEqual({ low: low + 0, high: high + 0 });
      }),
    );
  });
});
