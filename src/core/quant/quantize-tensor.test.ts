import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { floats, floatTensor, numbers } from "../ir/tensor.ts";
import {
  biasParams,
  dequantizeTensor,
  quantizeTensor,
  smallestWeightScales,
  weightParams,
} from "./quantize-tensor.ts";
import type { QuantParams, Scheme } from "./scheme.ts";

const weights: Scheme = {
  bits: 8,
  symmetric: true,
  granularity: "channel",
  scale: "float",
  rounding: "half-even",
  narrow: true,
};
const perTensor = (scale: number, zeroPoint: number): QuantParams => ({
  dtype: "int8",
  scales: [Math.fround(scale)],
  zeroPoints: [zeroPoint],
});

describe("quantizeTensor", () => {
  it("rounds ties to even and saturates", () => {
    const x = floatTensor([0.5, 1.5, 2.5, -0.5, -1.5, 126.5, 127.5, 1e30, -1e30, Number.NaN], [10]);
    expect(numbers(quantizeTensor(x, perTensor(1, 0)))).toEqual([0, 2, 2, 0, -2, 126, 127, 127, -128, 0]);
    expect(numbers(quantizeTensor(x, perTensor(1, -3)))).toEqual([
      -3, -1, -1, -3, -5, 123, 125, 127, -128, -3,
    ]);
  });

  it("keeps integers through dequantization and back", () => {
    fc.assert(
      fc.property(
        fc.float({ min: Math.fround(1e-20), max: Math.fround(1e20), noNaN: true }),
        fc.integer({ min: -128, max: 127 }),
        (scale, zero) => {
          const params = perTensor(scale, zero);
          const all = quantizeTensor(
            floatTensor(
              Array.from({ length: 256 }, (_, i) => (i - 128 - zero) * scale),
              [256],
            ),
            params,
          );
          expect(numbers(quantizeTensor(dequantizeTensor(all, params), params))).toEqual(numbers(all));
        },
      ),
    );
  });

  it("is within half a step of values in range", () => {
    fc.assert(
      fc.property(fc.array(fc.float({ min: -12, max: 12, noNaN: true }), { minLength: 1 }), (values) => {
        const x = floatTensor(values, [values.length]);
        const back = floats(dequantizeTensor(quantizeTensor(x, perTensor(0.1, 3)), perTensor(0.1, 3)));
        // Half a step, and float32's rounding of a quotient of up to 120 steps.
        for (const [i, v] of values.entries())
          expect(Math.abs((back[i] ?? 0) - v)).toBeLessThanOrEqual(0.05001);
      }),
    );
  });

  it("follows the channel axis", () => {
    const x = floatTensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
    const params: QuantParams = { dtype: "int8", scales: [1, 2], zeroPoints: [0, 0], axis: 1 };
    expect(numbers(quantizeTensor(x, params))).toEqual([1, 2, 2, 2, 5, 6, 4, 4]);
    expect(numbers(dequantizeTensor(quantizeTensor(x, params), params))).toEqual([1, 2, 4, 4, 5, 6, 8, 8]);
  });
});

describe("weightParams", () => {
  it("covers each channel with ±127", () => {
    const w = floatTensor([1, -2, 3, 4, 0, 0], [3, 2]);
    const params = weightParams(w, 0, weights);
    expect(params.scales.map((s) => s * 127)).toEqual([
      expect.closeTo(2),
      expect.closeTo(4),
      expect.any(Number),
    ]);
    expect(numbers(quantizeTensor(w, params))).toEqual([64, -127, 95, 127, 0, 0]);
    expect(params.axis).toBe(0);
    const columns = weightParams(w, 1, weights);
    expect(columns.scales.map((s) => s * 127)).toEqual([expect.closeTo(3), expect.closeTo(4)]);
  });

  it("is one scale without channels", () => {
    const params = weightParams(floatTensor([1, -2, 3, 4], [2, 2]), 0, { ...weights, granularity: "tensor" });
    expect(params.axis).toBeUndefined();
    expect(params.scales).toEqual([Math.fround(4 / 127)]);
  });

  it("widens scales that a bias needs", () => {
    const w = floatTensor([0, 0, 1, 1], [2, 2]);
    const bias = floatTensor([1e6, 1], [2]);
    const inputScale = Math.fround(1e-3);
    const params = weightParams(w, 0, weights, smallestWeightScales(bias, inputScale));
    const quantized = numbers(quantizeTensor(bias, biasParams(inputScale, params.scales)));
    expect(Math.abs(quantized[0] ?? 0)).toBeLessThanOrEqual(2 ** 30);
    const back = floats(
      dequantizeTensor(
        quantizeTensor(bias, biasParams(inputScale, params.scales)),
        biasParams(inputScale, params.scales),
      ),
    );
    expect((back[0] ?? 0) / 1e6).toBeCloseTo(1, 6);
    expect(params.scales[1]).toBe(Math.fround(1 / 127));
  });
});
