import fc from "fast-check";
import { expect, test } from "vitest";
import { poolAdjacentViolators } from "./place.ts";

const sequences = fc
  .array(fc.integer({ min: -1000, max: 1000 }), { maxLength: 30 })
  .map((z) => Float64Array.from(z));
const squaredDistance = (a: Float64Array, b: Float64Array) =>
  a.reduce((sum, v, i) => sum + (v - (b[i] ?? 0)) ** 2, 0);
const pooled = (z: Float64Array) => {
  const result = z.slice();
  poolAdjacentViolators(result);
  return result;
};

test("the result never decreases and keeps the sum", () => {
  fc.assert(
    fc.property(sequences, (z) => {
      const result = pooled(z);
      // Means of equal blocks may differ by rounding only.
      for (let i = 1; i < result.length; i++)
        expect(result[i]).toBeGreaterThanOrEqual((result[i - 1] ?? 0) - 1e-9);
      expect(result.reduce((a, b) => a + b, 0)).toBeCloseTo(
        z.reduce((a, b) => a + b, 0),
        6,
      );
    }),
  );
});

test("no other non-decreasing sequence is nearer", () => {
  fc.assert(
    fc.property(sequences, sequences, (z, other) => {
      const rival = Float64Array.from(z, (_, i) => other[i % Math.max(1, other.length)] ?? 0).sort();
      expect(squaredDistance(z, pooled(z))).toBeLessThanOrEqual(squaredDistance(z, rival) + 1e-6);
    }),
  );
});
