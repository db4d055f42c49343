import { describe, expect, it } from "vitest";
import type { ChipReport } from "../../engine/esp/examine-chip.ts";
import type { ModelSummary } from "../../engine/reports.ts";
import { heatMap } from "./heat-map.ts";

const nodes = [
  { key: "a", inputs: ["x"], outputs: ["a"] },
  { key: "b", inputs: ["a"], outputs: ["b"] },
  { key: "c", inputs: ["b"], outputs: ["c"] },
];
const summary = { nodes, values: [], outputs: [] } as unknown as ModelSummary;
const value = (name: string, db: number, exponent: number) => ({
  value: name,
  own: { sqnrDb: db },
  exponent,
});
const examined = {
  modes: [{ values: [value("b", 2, -3), value("c", 60, -7)] }],
} as unknown as ChipReport;

describe("heatMap", () => {
  it("gives a node that is computed with its reader the reader's error", () => {
    const map = heatMap({ summary, comparison: undefined, examined, overlay: "own" });
    expect([...(map?.heatBelow(undefined) ?? [])]).toEqual([
      ["c", 0],
      ["b", 1],
      ["a", 1],
    ]);
    expect([...(map?.heatBelow(30).keys() ?? [])]).toEqual(["b", "a"]);
    expect(map?.scale(5)).toEqual(["< 14 dB", "14–23 dB", "23–32 dB", "32–41 dB", "≥ 41 dB"]);
  });

  it("has a colour for every exponent, the coarsest hottest", () => {
    const map = heatMap({ summary, comparison: undefined, examined, overlay: "exponent" });
    const heat = map?.heatBelow(undefined);
    // Five levels, five colours: −3 in the last fifth, −7 in the first.
    expect(Math.floor((heat?.get("b") ?? 0) * 5)).toBe(4);
    expect(Math.floor((heat?.get("c") ?? 0) * 5)).toBe(0);
    expect(map?.scale(5)).toEqual(["−3", "−4", "−5", "−6", "−7"]);
  });

  it("shows nothing without answers", () => {
    expect(heatMap({ summary, comparison: undefined, examined: undefined, overlay: "sqnr" })).toBeUndefined();
    expect(
      heatMap({ summary, comparison: undefined, examined: undefined, overlay: "exponent" }),
    ).toBeUndefined();
  });
});
