import { describe, expect, it } from "vitest";
import { statisticOf } from "../../core/quant/observe.ts";
import { chosenRange } from "./chosen-range.ts";

describe("chosenRange", () => {
  const values = Float32Array.from({ length: 4000 }, (_, i) => (i % 400) / 100 - 2);
  const statistic = statisticOf(values);

  it("clips nothing with min-max", () => {
    const range = chosenRange({ statistic, target: "onnxruntime", bits: 8, method: "minmax" });
    expect(range).toMatchObject({ low: Math.fround(-2), clipped: 0 });
  });

  it("counts what a percentile leaves out", () => {
    const peaked = statisticOf(Float32Array.from({ length: 100_000 }, (_, i) => (i === 7 ? 1000 : 0.5)));
    const range = chosenRange({ statistic: peaked, target: "onnxruntime", bits: 8, method: "percentile" });
    expect(range.high).toBeLessThan(1000);
    expect(range.clipped).toBeCloseTo(1e-5);
  });
});
