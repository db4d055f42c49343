import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { divergenceOf } from "./divergence.ts";
import { statisticOf } from "./observe.ts";
import { paramsFor } from "./params.ts";
import type { Range } from "./range.ts";
import { CALIBRATION_METHODS, type Scheme } from "./scheme.ts";
import { solve } from "./solvers.ts";

const activations: Scheme = {
  bits: 8,
  symmetric: false,
  granularity: "tensor",
  scale: "float",
  rounding: "half-even",
  narrow: false,
};
const symmetric: Scheme = { ...activations, symmetric: true, narrow: true };

/** Deterministic uniform numbers in (0, 1). */
function uniform(seed: number): () => number {
  let s = seed >>> 0;
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return (s + 0.5) / 2 ** 32;
  };
}

const laplace = (u: number) => (u < 0.5 ? Math.log(2 * u) : -Math.log(2 - 2 * u));
const SHAPES: Record<string, (u: () => number) => number> = {
  laplace: (u) => laplace(u()),
  rectified: (u) => Math.max(0, laplace(u())),
  skewed: (u) => laplace(u()) ** 2 - 0.5,
  negative: (u) => -2 - u(),
  gaussianWithOutliers: (u) => (u() + u() + u() + u() - 2) * (u() < 0.001 ? 40 : 1),
};

function sample(shape: string, count: number, seed = 7): Float32Array {
  const next = uniform(seed);
  const draw = SHAPES[shape];
  if (!draw) throw new Error(shape);
  return Float32Array.from({ length: count }, () => draw(next));
}

/** Mean squared error of really quantizing the values. */
function trueError(values: Float32Array, range: Range, scheme: Scheme): number {
  const { scales, zeroPoints } = paramsFor(range, scheme, "int8");
  const [scale = 1, zero = 0] = [scales[0], zeroPoints[0]];
  let sum = 0;
  for (const x of values) {
    const q = Math.max(scheme.narrow ? -127 : -128, Math.min(127, Math.round(x / scale) + zero));
    sum += (x - (q - zero) * scale) ** 2;
  }
  return sum / values.length;
}

describe.each(CALIBRATION_METHODS)("%s", (method) => {
  it.each(Object.keys(SHAPES))("stays within the data and keeps zero: %s", (shape) => {
    const values = sample(shape, 5000);
    const statistic = statisticOf(values);
    for (const scheme of [activations, symmetric]) {
      const { low, high } = solve(statistic, scheme, method);
      const reach = Math.max(-statistic.min, statistic.max);
      expect(low).toBeLessThanOrEqual(high);
      expect(low).toBeGreaterThanOrEqual(scheme.symmetric ? -reach : Math.min(statistic.min, 0));
      expect(high).toBeLessThanOrEqual(scheme.symmetric ? reach : Math.max(statistic.max, 0));
      if (scheme.symmetric) expect(low).toBe(-high);
    }
  });

  it.each([[[]], [[0]], [[0, 0]], [[5]], [[-3, -3]], [[2 ** -149]], [[1e38, -1e38]]])(
    "survives %j",
    (values) => {
      for (const scheme of [activations, symmetric]) {
        const range = solve(statisticOf(Float32Array.from(values)), scheme, method);
        expect(Number.isFinite(range.low) && Number.isFinite(range.high)).toBe(true);
        const { scales } = paramsFor(range, scheme, "int8");
        expect(scales[0]).toBeGreaterThan(0);
      }
    },
  );

  it("answers in proportion to the data when scaled by a power of two", () => {
    const values = sample("skewed", 3000);
    const a = solve(statisticOf(values), activations, method);
    const b = solve(statisticOf(values.map((x) => x * 64)), activations, method);
    expect(b).toEqual({ low: a.low * 64, high: a.high * 64 });
  });
});

describe("minmax", () => {
  it("is what was seen", () => {
    const statistic = statisticOf(Float32Array.of(-1, 3, 2));
    expect(solve(statistic, activations, "minmax")).toEqual({ low: -1, high: 3 });
    expect(solve(statistic, symmetric, "minmax")).toEqual({ low: -3, high: 3 });
  });
});

describe("percentile", () => {
  it("agrees with sorting, to within one bin", () => {
    for (const shape of Object.keys(SHAPES)) {
      const values = sample(shape, 60_000);
      const statistic = statisticOf(values);
      const width = 2 ** statistic.widthLog2;
      const sorted = values.slice().sort();
      const cut = Math.floor(0.5e-4 * values.length);
      const { low, high } = solve(statistic, activations, "percentile");
      const [first, last] = [sorted[cut] ?? 0, sorted[sorted.length - 1 - cut] ?? 0];
      expect(Math.abs(low - Math.min(first, 0))).toBeLessThanOrEqual(width);
      expect(Math.abs(high - Math.max(last, 0))).toBeLessThanOrEqual(width);
      const sizes = values.map(Math.abs).sort();
      const bound = sizes[sizes.length - 1 - Math.floor(1e-4 * values.length)] ?? 0;
      const range = solve(statistic, symmetric, "percentile");
      expect(Math.abs(range.high - bound)).toBeLessThanOrEqual(width);
    }
  });

  it("clips nothing of a short recording", () => {
    const values = sample("laplace", 9000);
    const statistic = statisticOf(values);
    expect(solve(statistic, activations, "percentile")).toEqual(solve(statistic, activations, "minmax"));
  });

  it("clips off the bin edges, so that scales have no simple ratios", () => {
    const statistic = statisticOf(sample("gaussianWithOutliers", 60_000));
    for (const method of ["percentile", "kl"] as const) {
      const { high } = solve(statistic, symmetric, method);
      expect(high).toBeLessThan(statistic.max);
      expect(Number.isInteger(high / 2 ** statistic.widthLog2)).toBe(false);
    }
  });
});

/** The definition of the divergence, bin by bin. */
function plainDivergence(bins: readonly number[], from: number, to: number, levels: number): number {
  const window = bins.slice(from, to);
  const p = [...window];
  const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
  p[0] = (p[0] ?? 0) + sum(bins.slice(0, from));
  p[p.length - 1] = (p[p.length - 1] ?? 0) + sum(bins.slice(to));
  const q = new Array<number>(window.length).fill(0);
  const groups = Math.min(levels, window.length);
  for (let g = 0; g < groups; g++) {
    const start = Math.floor((g * window.length) / groups);
    const end = Math.floor(((g + 1) * window.length) / groups);
    const members = Array.from({ length: end - start }, (_, i) => start + i).filter((i) => (p[i] ?? 0) > 0);
    for (const i of members) q[i] = sum(window.slice(start, end)) / members.length;
  }
  const [pTotal, qTotal] = [sum(p), sum(q)];
  if (pTotal === 0) return 0;
  let kl = 0;
  for (let i = 0; i < p.length; i++) {
    const [a, b] = [(p[i] ?? 0) / pTotal, (q[i] ?? 0) / qTotal];
    if (a > 0) kl += b > 0 ? a * Math.log(a / b) : Number.POSITIVE_INFINITY;
  }
  return kl;
}

describe("kl", () => {
  it("measures the divergence as defined", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(0), fc.nat(50)), { minLength: 2, maxLength: 40 }),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(),
        fc.nat(),
        (bins, levels, a, b) => {
          const from = a % bins.length;
          const to = from + 1 + (b % (bins.length - from));
          const expected = plainDivergence(bins, from, to, levels);
          const actual = divergenceOf(Float64Array.from(bins), levels)(from, to);
          if (Number.isNaN(expected) || expected === Number.POSITIVE_INFINITY) {
            expect(actual).toBe(Number.POSITIVE_INFINITY);
          } else {
            // Prefix sums of counts × logarithms cancel to about 1e-13 of their total.
            expect(actual).toBeCloseTo(expected, 11);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it("clips rare outliers and keeps bounded data whole", () => {
    const outliers = statisticOf(sample("gaussianWithOutliers", 50_000));
    expect(solve(outliers, symmetric, "kl").high).toBeLessThan(outliers.max / 2);
    const flat = statisticOf(Float32Array.from({ length: 65_536 }, (_, i) => i / 32_768 - 1));
    expect(solve(flat, symmetric, "kl").high).toBe(1);
  });

  it("is not drawn to zero by rectified data", () => {
    const values = sample("rectified", 50_000);
    const { high } = solve(statisticOf(values), activations, "kl");
    expect(high).toBeGreaterThan(3);
  });
});

describe("mse", () => {
  it.each(Object.keys(SHAPES))("beats every range of a brute-force search on the samples: %s", (shape) => {
    const values = sample(shape, 4000);
    const statistic = statisticOf(values);
    for (const scheme of [activations, symmetric]) {
      const whole = solve(statistic, scheme, "minmax");
      const found = trueError(values, solve(statistic, scheme, "mse"), scheme);
      let least = Number.POSITIVE_INFINITY;
      for (let i = 4; i <= 40; i++) {
        for (let j = scheme.symmetric ? i : 4; j <= (scheme.symmetric ? i : 40); j++) {
          const range = { low: (whole.low * i) / 40, high: (whole.high * j) / 40 };
          least = Math.min(least, trueError(values, range, scheme));
        }
      }
      // The histogram spreads data evenly inside bins; with 4,000 samples single values make up a few per cent.
      expect(found).toBeLessThanOrEqual(least * 1.05);
    }
  });
});
