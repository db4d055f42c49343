import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evenTicks } from "./ticks.ts";

describe("evenTicks", () => {
  it("are round", () => {
    expect(evenTicks(-10.6, 7.97)).toEqual([-10, -5, 0, 5]);
    expect(evenTicks(0, 18.8)).toEqual([0, 5, 10, 15]);
    expect(evenTicks(0, 0.3, 3)).toEqual([0, 0.1, 0.2, 0.3]);
    expect(evenTicks(2, 2)).toEqual([2]);
  });

  it("lie evenly within the range, at least two and not many", () => {
    const range = fc.tuple(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
    );
    fc.assert(
      fc.property(range, ([low, span]) => {
        const ticks = evenTicks(low, low + span);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(6);
        const slack = span * 1e-6;
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(low - slack);
          expect(tick).toBeLessThanOrEqual(low + span + slack);
        }
      }),
    );
  });
});
