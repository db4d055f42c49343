import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { floats, floatTensor } from "../ir/tensor.ts";
import { gridFit } from "./grid-fit.ts";
import { statisticOf } from "./observe.ts";
import { dequantizeTensor, quantizeTensor } from "./quantize-tensor.ts";
import type { QuantParams } from "./scheme.ts";

const grid = (exponent: number, dtype: QuantParams["dtype"] = "int8"): QuantParams => ({
  dtype,
  scales: [2 ** exponent],
  zeroPoints: [0],
});

/** Spread over the whole of ±range, never on a multiple of a power of two. */
const spread = (range: number, n = 20_000): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => range * (((i * 0.618034) % 1) * 2 - 1));

describe("gridFit", () => {
  it("expects the error that quantizing makes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -7, max: -3 }),
        fc.double({ min: 0.5, max: 8, noNaN: true }),
        (e, range) => {
          const values = spread(range);
          const params = grid(e);
          const tensor = floatTensor(values, [values.length]);
          const back = floats(dequantizeTensor(quantizeTensor(tensor, params), params));
          let [signal, noise, clipped] = [0, 0, 0];
          for (const [i, x] of values.entries()) {
            signal += x * x;
            noise += (x - (back[i] ?? 0)) ** 2;
            if (Math.abs(x) > 2 ** e * 128.5) clipped++;
          }
          const fit = gridFit(statisticOf(values), params);
          // Bins are 2^-11 of the range and steps many of them; what is clipped lies within one bin of the truth.
          expect(Math.abs(fit.sqnrDb - 10 * Math.log10(signal / noise))).toBeLessThan(0.3);
          expect(Math.abs(fit.clipped - clipped / values.length)).toBeLessThan(0.01);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("counts the integers in use", () => {
    const fit = gridFit(statisticOf(Float32Array.of(-0.5, 0, 1)), grid(-5));
    expect(fit).toMatchObject({ low: -4, high: 127 / 32, step: 1 / 32, used: 49, levels: 256, clipped: 0 });
  });

  it("takes zeros as exact", () => {
    const fit = gridFit(statisticOf(new Float32Array(100)), grid(-5));
    expect(fit).toMatchObject({ clipped: 0, clippingRms: 0, sqnrDb: Number.POSITIVE_INFINITY });
  });

  it("has less error with 16 bits than with 8", () => {
    const statistic = statisticOf(spread(3.9));
    expect(gridFit(statistic, grid(-13, "int16")).sqnrDb).toBeGreaterThan(
      gridFit(statistic, grid(-5)).sqnrDb + 40,
    );
  });
});
