import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ceilLog2, exponentOfRange } from "./exponent.ts";
import { klBins, klExponent, klThreshold } from "./kl-exponent.ts";
import { MagnitudeHistogram } from "./magnitude-histogram.ts";
import { MSE_BINS, mseExponent } from "./mse-exponent.ts";
import { extremes, percentileRange } from "./percentile-range.ts";
import { roundFloat32 } from "./rounding.ts";

/** Batches whose statistics ESP-PPQ 1.3.5 printed (reference: ESP-DL quantization §2.8). */
const u = (i: number, offset: number): number => (((i * 7919 + offset) % 10007) / 10007) * 2 - 1;
const batch = (n: number, at: (i: number) => number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => at(i));
const bell = (i: number): number =>
  ([
    [7919, 0],
    [4659, 31],
    [8806, 77],
    [5034, 5],
  ].reduce((sum, [m = 0, a = 0]) => sum + ((i * m + a) % 10007) / 10007, 0) -
    2) *
  0.5;
const withPeak = (n: number, peak: number): Float32Array => Float32Array.from([...batch(n, bell), peak]);

interface Golden {
  readonly batches: readonly Float32Array[];
  readonly kl8: readonly [count: number, moment: number, k: number, e: number];
  readonly kl16: readonly [moment: number, k: number, e: number];
  readonly minmax: readonly [e8: number, e16: number | undefined];
  readonly percentile: number;
  readonly mse: readonly [e8: number, e16: number | undefined];
}

const GOLDEN: Readonly<Record<string, Golden>> = {
  A: {
    batches: [batch(4000, (i) => u(i, 0) ** 5 * 3), batch(4000, (i) => u(i, 1234) ** 5 * 3)],
    kl8: [8000, 5460292, 32, -5],
    kl16: [1398723708, 32, -13],
    minmax: [-5, -13],
    percentile: -5,
    mse: [-5, -8],
  },
  B: {
    batches: [batch(4000, (i) => u(i, 0))],
    kl8: [4000, 8191028, 32, -7],
    kl16: [2097412254, 32, -15],
    minmax: [-6, -14],
    percentile: -6,
    mse: [-6, -9],
  },
  C: {
    batches: [batch(4000, (i) => u(i, 0) ** 9 * 6)],
    kl8: [4000, 1639168, 32, -4],
    kl16: [419974357, 32, -12],
    minmax: [-4, -12],
    percentile: -4,
    mse: [-4, -7],
  },
  D: {
    batches: [batch(64, (i) => u(i, 0) ** 3 * 0.1)],
    kl8: [64, 67795, 32, -10],
    kl16: [17363702, 32, -18],
    minmax: [-10, -18],
    percentile: -10,
    mse: [-10, -13],
  },
  E: {
    batches: [withPeak(10000, 8)],
    kl8: [10001, 1211116, 9, -6],
    kl16: [311317446, 4, -15],
    minmax: [-3, undefined],
    percentile: -7,
    mse: [-3, undefined],
  },
  F: {
    batches: [withPeak(4000, 3)],
    kl8: [4001, 1292337, 9, -7],
    kl16: [331351188, 32, -13],
    minmax: [-5, undefined],
    percentile: -5,
    mse: [-5, undefined],
  },
};

function histogramOf(batches: readonly Float32Array[], bins: number): MagnitudeHistogram {
  const reach = Math.max(...batches.flatMap((b) => Object.values(extremes(b)).map(Math.abs)));
  const histogram = new MagnitudeHistogram(reach, bins);
  for (const values of batches) histogram.add(values);
  return histogram;
}

const moment = ({ counts }: MagnitudeHistogram): number => counts.reduce((sum, c, i) => sum + i * c, 0);

describe.each(Object.entries(GOLDEN))("set %s of ESP-PPQ's own numbers", (_, golden) => {
  test("KL at 8 bits: histogram, threshold, exponent", () => {
    const histogram = histogramOf(golden.batches, klBins(8));
    const count = histogram.counts.reduce((a, b) => a + b, 0);
    expect([count, moment(histogram), klThreshold(histogram.counts, 128), klExponent(histogram, 8)]).toEqual(
      golden.kl8,
    );
  });

  test("KL at 16 bits: histogram, threshold, exponent", () => {
    const histogram = histogramOf(golden.batches, klBins(16));
    expect([moment(histogram), klThreshold(histogram.counts, 32768), klExponent(histogram, 16)]).toEqual(
      golden.kl16,
    );
  });

  test("min-max, percentile and MSE", () => {
    const ranges = golden.batches.map(extremes);
    const low = Math.min(...ranges.map((r) => r.low));
    const high = Math.max(...ranges.map((r) => r.high));
    const [e8, e16] = golden.minmax;
    expect(exponentOfRange(low, high, 8)).toBe(e8);
    if (e16 !== undefined) expect(exponentOfRange(low, high, 16)).toBe(e16);
    const kept = golden.batches.map(percentileRange);
    const mean = (of: "low" | "high"): number => kept.reduce((sum, r) => sum + r[of], 0) / kept.length;
    expect(exponentOfRange(mean("low"), mean("high"), 8)).toBe(golden.percentile);
    const histogram = histogramOf(golden.batches, MSE_BINS);
    const [m8, m16] = golden.mse;
    expect(mseExponent(histogram, 8)).toBe(m8);
    if (m16 !== undefined) expect(mseExponent(histogram, 16)).toBe(m16);
  });
});

test("exponents of ranges at the edges ESP-PPQ was asked for", () => {
  const points: [number, number][] = [
    [127.5, 0],
    [127.50001, 1],
    [128, 1],
    [1, -6],
    [0.99609375, -7],
    [Math.fround(0.9960938), -6],
    [0, -26],
  ];
  for (const [reach, e] of points) expect(exponentOfRange(0, reach, 8)).toBe(e);
});

test("ceilLog2 is the smallest power of two that is not below", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
      const e = ceilLog2(x);
      expect(2 ** e >= x && 2 ** (e - 1) < x).toBe(true);
    }),
  );
});

test("an all-zero tensor gets -27 by KL", () => {
  expect(klExponent(histogramOf([new Float32Array(10)], klBins(8)), 8)).toBe(-27);
});

test("rounding of ties", () => {
  const ties = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5];
  expect(ties.map((x) => roundFloat32("half-even")(x) + 0)).toEqual([0, 2, 2, 0, -2, -2]);
  expect(ties.map((x) => roundFloat32("half-up")(x) + 0)).toEqual([1, 2, 3, 0, -1, -2]);
  expect(roundFloat32("half-up")(Math.fround(0.49999997))).toBe(1);
});

test("percentile drops one value at each end above 10,000 elements", () => {
  const values = Float32Array.from({ length: 10001 }, (_, i) => i);
  expect(percentileRange(values)).toEqual({ low: 1, high: 9999 });
  const more = Float32Array.from({ length: 20001 }, (_, i) => i);
  expect(percentileRange(more)).toEqual({ low: 2, high: 19998 });
});
