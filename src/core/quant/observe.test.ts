import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyStatistic, mergeStatistics, Observer, statisticOf } from "./observe.ts";
import { BIN_COUNT, type Statistic } from "./statistic.ts";

const HALF = BIN_COUNT / 2;

/** Everything that must be exact; sums are compared apart. */
const exactPart = ({ count, min, max, nonFinite, widthLog2, bins }: Statistic) => ({
  count,
  min,
  max,
  nonFinite,
  widthLog2,
  bins: Array.from(bins),
});

/** The definition, literally. */
function reference(values: readonly number[]): ReturnType<typeof exactPart> {
  const finite = values.filter(Number.isFinite);
  const fits = (w: number) => finite.every((x) => x >= -HALF * 2 ** w && x < HALF * 2 ** w);
  let widthLog2 = -149;
  while (!fits(widthLog2)) widthLog2++;
  const bins = new Array<number>(BIN_COUNT).fill(0);
  for (const x of finite) {
    const bin = Math.floor(x / 2 ** widthLog2) + HALF;
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return {
    count: finite.length,
    min: Math.min(...finite) + 0,
    max: Math.max(...finite) + 0,
    nonFinite: values.length - finite.length,
    widthLog2,
    bins,
  };
}

const anyFloat = fc.oneof(
  fc.float(),
  fc.float({ min: -1, max: 1, noNaN: true }),
  fc.constantFrom(0, -0, 1, -1, 2048, -2048, 2 ** -149, -(2 ** -149), 3.4028234663852886e38),
);
const data = fc.array(anyFloat, { maxLength: 60 });
const f32 = (values: readonly number[]) => Float32Array.from(values);

describe("Observer", () => {
  it("counts as the definition says", () => {
    fc.assert(
      fc.property(data, (values) => {
        const actual = statisticOf(f32(values));
        expect(exactPart(actual)).toEqual(reference(Array.from(f32(values))));
        const finite = Array.from(f32(values)).filter(Number.isFinite);
        expect(actual.sum).toBe(finite.reduce((s, x) => s + x, 0));
        expect(actual.sumSquares).toBe(finite.reduce((s, x) => s + x * x, 0));
      }),
      { numRuns: 60 },
    );
  });

  it("does not depend on chunking, sums included", () => {
    fc.assert(
      fc.property(data, fc.array(fc.nat(7), { minLength: 1 }), (values, cuts) => {
        const observer = new Observer();
        const all = f32(values);
        for (let at = 0, i = 0; at < all.length; i++) {
          const step = (cuts[i % cuts.length] ?? 0) + 1;
          observer.add(all.subarray(at, at + step));
          at += step;
        }
        expect(observer.statistic()).toEqual(statisticOf(all));
      }),
      { numRuns: 100 },
    );
  });

  it("does not depend on order", () => {
    fc.assert(
      fc.property(data, (values) => {
        const sorted = Float32Array.from(values).sort();
        expect(exactPart(statisticOf(sorted))).toEqual(exactPart(statisticOf(f32(values))));
      }),
      { numRuns: 100 },
    );
  });

  it("covers more than one block", () => {
    const values = Float32Array.from({ length: 10_000 }, (_, i) => (i % 17 === 0 ? Number.NaN : i - 5000));
    expect(exactPart(statisticOf(values))).toEqual(reference(Array.from(values)));
  });

  it.each([
    ["nothing", []],
    ["zeros", [0, 0, -0]],
    ["a constant", [0.25, 0.25, 0.25]],
    ["one denormal", [2 ** -149]],
    ["one negative power of two", [-4]],
    ["only NaN", [Number.NaN, Number.POSITIVE_INFINITY]],
    ["quiet, then loud", [1e-6, -1e-6, 1e30]],
  ])("%s", (_, values) => {
    expect(exactPart(statisticOf(f32(values)))).toEqual(reference(Array.from(f32(values))));
  });

  it("leaves earlier snapshots alone", () => {
    const observer = new Observer();
    observer.add(f32([1, 2]));
    const before = observer.statistic();
    observer.add(f32([1, 2]));
    expect(before.bins.reduce((a, b) => a + b, 0)).toBe(2);
  });
});

describe("mergeStatistics", () => {
  it("equals the statistic of the concatenated data, bin for bin, in either order", () => {
    fc.assert(
      fc.property(data, data, (a, b) => {
        const both = statisticOf(f32([...a, ...b]));
        const ab = mergeStatistics(statisticOf(f32(a)), statisticOf(f32(b)));
        const ba = mergeStatistics(statisticOf(f32(b)), statisticOf(f32(a)));
        expect(exactPart(ab)).toEqual(exactPart(both));
        expect(ab).toEqual(ba);
        // Two float64 sums in different order: a few units in the last place of the largest partial sum.
        const slack =
          1e-12 * [...f32([...a, ...b])].filter(Number.isFinite).reduce((s, x) => s + Math.abs(x), 0);
        expect(Math.abs(ab.sum - both.sum)).toBeLessThanOrEqual(slack);
      }),
      { numRuns: 100 },
    );
  });

  it("is associative where it is exact, and has a neutral element", () => {
    fc.assert(
      fc.property(data, data, data, (a, b, c) => {
        const [x, y, z] = [statisticOf(f32(a)), statisticOf(f32(b)), statisticOf(f32(c))];
        const left = mergeStatistics(mergeStatistics(x, y), z);
        const right = mergeStatistics(x, mergeStatistics(y, z));
        expect(exactPart(left)).toEqual(exactPart(right));
        expect(mergeStatistics(x, emptyStatistic())).toEqual(x);
      }),
      { numRuns: 60 },
    );
  });
});
