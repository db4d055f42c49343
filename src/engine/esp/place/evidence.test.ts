import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evidenceOf } from "./evidence.ts";

/** In thousandths: squares of differences near the smallest doubles would vanish. */
const error = fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000);
const errors = fc.array(error, { minLength: 3, maxLength: 20 });

describe("evidence of a smaller error", () => {
  test("does not depend on the unit of the error, and turns its sign with the direction", () => {
    fc.assert(
      fc.property(errors, errors, (a, b) => {
        const there = evidenceOf(a, b);
        const back = evidenceOf(b, a);
        // Where every part differs alike nothing is left to estimate the spread from: one way is sure, the other proves nothing.
        fc.pre([there, back].every((t) => Math.abs(t) < 1e6));
        expect(back).toBeCloseTo(-there, 6);
        const halved = evidenceOf(
          a.map((x) => x / 2),
          b.map((x) => x / 2),
        );
        expect(halved).toBeCloseTo(there, 6);
      }),
    );
  });

  test("one part that gained all is weaker than many that gained a little", () => {
    const before = [1, 1, 1, 1, 1, 1, 1, 1];
    const one = evidenceOf(before, [0.2, 1, 1, 1, 1, 1, 1, 1]);
    const many = evidenceOf(before, [0.9, 0.88, 0.91, 0.9, 0.9, 0.89, 0.92, 0.9]);
    expect(one).toBeLessThanOrEqual(1 + 1e-9);
    expect(many).toBeGreaterThan(10);
  });

  test("a single part proves nothing; an end of overflow proves all", () => {
    expect(evidenceOf([1], [0.1])).toBe(0);
    expect(evidenceOf([Number.POSITIVE_INFINITY, 1], [0.5, 1])).toBe(Number.POSITIVE_INFINITY);
  });
});
