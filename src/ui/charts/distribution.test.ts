import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { areaPath, extentOf, heightOf } from "./distribution.ts";

const points = [
  { x: -1, count: 3 },
  { x: 0, count: 0 },
  { x: 1, count: 100 },
  { x: 2, count: 0 },
];

describe("extentOf", () => {
  it("holds the data and a near reach, but not one that would make the data a hairline", () => {
    expect(extentOf(points, undefined)).toEqual([-1, 2]);
    expect(extentOf(points, { low: -0.5, high: 3 })).toEqual([-1, 3]);
    expect(extentOf(points, { low: -500, high: 500 })).toEqual([-4, 5]);
  });
});

describe("areaPath", () => {
  it("draws every step once, inside or outside", () => {
    const extent = extentOf(points, undefined);
    const steps = (keeps: (x: number) => boolean) =>
      areaPath(points, extent, { log: true, keeps }).split("M").length - 1;
    expect(steps(() => true)).toBe(2);
    expect(steps((x) => x < 0) + steps((x) => x >= 0)).toBe(2);
  });
});

describe("heightOf", () => {
  it("keeps the order of counts and shows a single one", () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e6), fc.boolean(), (a, b, log) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        expect(heightOf(less, more, log)).toBeLessThanOrEqual(heightOf(more, more, log));
      }),
    );
    expect(heightOf(1, 1e6, true)).toBeGreaterThan(0.04);
    expect(heightOf(1, 1e6, false)).toBeLessThan(1e-5);
  });
});
