import { describe, expect, it } from "vitest";
import type { ChipReport } from "../../../engine/esp/examine-chip.ts";
import type { ChipFit } from "../../../engine/esp/fit-chip.ts";
import type { ModelSummary } from "../../../engine/reports.ts";
import type { Comparison } from "../../../worker/protocol.ts";
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

const nothing = { comparison: undefined, examined: undefined, fit: undefined };

describe("heatMap", () => {
  it("gives a node that is computed with its reader the reader's error", () => {
    const map = heatMap({ summary, comparison: undefined, examined, fit: undefined, overlay: "own" });
    // 2 dB on a scale from 50 to 5 dB: beyond its end, so that what is still worse comes first.
    const lost = expect.closeTo((50 - 2) / (50 - 5), 9);
    expect([...(map?.heatBelow(undefined) ?? [])]).toEqual([
      ["c", 0],
      ["b", lost],
      ["a", lost],
    ]);
    expect([...(map?.heatBelow(30).keys() ?? [])]).toEqual(["b", "a"]);
    expect(map?.scale(5)).toEqual(["< 14 dB", "14–23 dB", "23–32 dB", "32–41 dB", "≥ 41 dB"]);
  });

  it("has a colour for every exponent, the coarsest hottest", () => {
    const map = heatMap({ summary, comparison: undefined, examined, fit: undefined, overlay: "exponent" });
    const heat = map?.heatBelow(undefined);
    // Five levels, five colours: −3 in the last fifth, −7 in the first.
    expect(Math.floor((heat?.get("b") ?? 0) * 5)).toBe(4);
    expect(Math.floor((heat?.get("c") ?? 0) * 5)).toBe(0);
    expect(map?.scale(5)).toEqual(["−3", "−4", "−5", "−6", "−7"]);
  });

  it("shows nothing without answers", () => {
    expect(
      heatMap({ summary, comparison: undefined, examined: undefined, fit: undefined, overlay: "sqnr" }),
    ).toBeUndefined();
    expect(
      heatMap({ summary, comparison: undefined, examined: undefined, fit: undefined, overlay: "exponent" }),
    ).toBeUndefined();
  });

  it("shows costs over three powers of ten, the dearest hottest, and nothing where nothing is computed", () => {
    const costs = [1_000_000, 100_000, 0];
    const dear = { nodes: nodes.map((n, i) => ({ ...n, macs: costs[i], weightBytes: 0 })) };
    const sources = { summary: dear as unknown as ModelSummary, ...nothing };
    const map = heatMap({ ...sources, overlay: "macs" });
    expect([...(map?.heatBelow(undefined) ?? [])]).toEqual([
      ["a", 1],
      ["b", expect.closeTo(2 / 3, 9)],
    ]);
    expect(map?.scale(3)).toEqual(["≥ 100\u2009k", "10\u2009k–100\u2009k", "< 10\u2009k"]);
    expect(heatMap({ ...sources, overlay: "bytes" })).toBeUndefined();
  });

  it("shows where streaming leaves offline, equal values as harmless", () => {
    const parity = { values: [{ value: "a", maxRelative: 0 }], outputs: [{ value: "c", maxRelative: 1 }] };
    const comparison = { parity } as unknown as Comparison;
    const map = heatMap({ summary, ...nothing, comparison, overlay: "divergence" });
    expect(new Map(map?.heatBelow(undefined)).get("a")).toBe(0);
    expect(new Map(map?.heatBelow(undefined)).get("c")).toBeGreaterThanOrEqual(1);
    expect(map?.scale(5)[0]).toBe("≥ 1e−3");
    expect(map?.scale(5)[4]).toBe("< 1e−6");
  });

  it("tells what a chip computes in, refused nodes hottest, each colour as its text says", () => {
    const supports = [
      { node: "a", op: "Conv", width: 8 },
      { node: "b", op: "Where", width: 8, refused: "noKernel" },
      { node: "c", op: "Erf", width: "float" },
    ];
    const fit = { nodes: supports } as unknown as ChipFit;
    const map = heatMap({ summary, ...nothing, fit, overlay: "support" });
    const texts = [...(map?.scale(5) ?? [])].reverse();
    const textOf = (key: string) =>
      texts[Math.min(4, Math.floor((map?.heatBelow(undefined).get(key) ?? 0) * 5))];
    expect([textOf("a"), textOf("b"), textOf("c")]).toEqual(["int8", "⊘", "float"]);
  });
});
