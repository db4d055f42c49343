import { describe, expect, it } from "vitest";
import type { ErrorSummary, QuantizationReport } from "../../../engine/reports.ts";
import { integerTone, noisiest, noisiestFew, sqnrBars, worstOutput } from "./rows.ts";

const value = (name: string, sqnrDb: number, maxRelative = 0) =>
  ({ value: name, sqnrDb, maxRelative }) as unknown as ErrorSummary;

describe("results", () => {
  it("point at the worst", () => {
    const values = [value("a", 40, 1e-7), value("b", 12, 3e-6), value("c", Number.POSITIVE_INFINITY)];
    expect(noisiest(values)?.value).toBe("b");
    expect(worstOutput(values)?.value).toBe("b");
    expect(noisiestFew(values).map((v) => v.value)).toEqual(["b", "a"]);
    expect(noisiest([])).toBeUndefined();
  });

  it("draw bars in graph order, values without error at the top of the scale", () => {
    const bars = sqnrBars(
      [value("b", 12), value("a", 40), value("c", Number.POSITIVE_INFINITY)],
      ["a", "b", "c"],
    );
    expect(bars.map((b) => [b.id, b.value, b.text])).toEqual([
      ["a", 40, "40.0\u00a0dB"],
      ["b", 12, "12.0\u00a0dB"],
      ["c", 40, "∞\u00a0dB"],
    ]);
  });

  it("accept integers that differ only where rounding may", () => {
    const report = (different: number, causes: readonly string[]) =>
      ({
        integerParity: { different, differences: causes.map((cause) => ({ cause })) },
      }) as unknown as QuantizationReport;
    expect(integerTone(report(0, []))).toBe("ok");
    expect(integerTone(report(2, ["roundingTie", "upstream"]))).toBe("warn");
    expect(integerTone(report(2, ["roundingTie", "unknown"]))).toBe("bad");
  });
});
