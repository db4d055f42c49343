import { describe, expect, it } from "vitest";
import { statisticOf } from "../../core/quant/observe.ts";
import { CALIBRATION_METHODS } from "../../core/quant/scheme.ts";
import { fitRange } from "./fit-range.ts";

describe("fitRange", () => {
  const values = Float32Array.from({ length: 4000 }, (_, i) => (i % 400) / 100 - 2);
  const statistic = statisticOf(values);

  it("clips nothing with min-max", () => {
    const { alone, choices } = fitRange({ statistic, target: "onnxruntime", bits: 8, method: "minmax" });
    expect(alone).toMatchObject({ clipped: 0, methods: ["minmax"] });
    expect(alone.low).toBeLessThanOrEqual(-2 + alone.step / 2);
    expect(choices.flatMap((c) => c.methods)).toEqual(CALIBRATION_METHODS);
    expect(choices.every((c) => c.exponent === undefined)).toBe(true);
  });

  it("counts what a percentile leaves out", () => {
    const peaked = statisticOf(Float32Array.from({ length: 100_000 }, (_, i) => (i === 7 ? 1000 : 0.5)));
    const question = { statistic: peaked, target: "onnxruntime", bits: 8, method: "percentile" } as const;
    const { alone } = fitRange(question);
    expect(alone.high).toBeLessThan(1000);
    expect(alone.clipped).toBeCloseTo(1e-5);
  });

  it("lists the scale that the model has, where no method chooses it for the value alone", () => {
    const params = { dtype: "int8", scales: [0.25], zeroPoints: [3] } as const;
    const question = { statistic, target: "onnxruntime", bits: 8, method: "mse" } as const;
    const { placed, choices } = fitRange({ ...question, params });
    expect(placed).toMatchObject({ step: 0.25, zeroPoint: 3, low: -32.75, high: 31 });
    expect(choices[0]).toEqual(placed);
    expect(choices).toHaveLength(CALIBRATION_METHODS.length + 1);
    expect(fitRange(question).choices).toHaveLength(CALIBRATION_METHODS.length);
  });

  it("offers a chip's exponents from coarse to fine, the model's own and the methods' among them", () => {
    const params = { dtype: "int8", scales: [2], zeroPoints: [0] } as const;
    const { alone, placed, choices } = fitRange({
      statistic,
      target: "esp32-s3",
      bits: 8,
      method: "minmax",
      params,
    });
    // ±2 in 8 bits: 2·2/255 is a little more than 2^-6.
    expect(alone).toMatchObject({ exponent: -5, step: 2 ** -5, low: -4, clipped: 0 });
    expect(placed).toMatchObject({ exponent: 1, low: -256, high: 254, levels: 256 });
    const exponents = choices.map((c) => c.exponent ?? 0);
    expect(exponents[0]).toBe(1);
    expect(exponents).toEqual(exponents.map((_, i) => 1 - i));
    expect(new Set(choices.flatMap((c) => c.methods))).toEqual(new Set(CALIBRATION_METHODS));
    // Finer steps lose less to rounding until they clip.
    const best = Math.max(...choices.map((c) => c.sqnrDb));
    expect(best).toBeGreaterThan(placed?.sqnrDb ?? 0);
  });
});
