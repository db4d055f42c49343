import { describe, expect, it } from "vitest";
import type { ModelSummary } from "../../../engine/reports.ts";
import type { Comparison } from "../../../worker/protocol.ts";
import { filteredRows, layerRows } from "./rows.ts";

const summary = {
  nodes: [
    { key: "h", op: "Conv", name: "first", inputs: ["x"], outputs: ["h"], macs: 10, weightBytes: 4 },
    { key: "y", op: "Relu", name: "", inputs: ["h"], outputs: ["y"], macs: 0, weightBytes: 0 },
  ],
  values: [{ name: "h", shape: [1, null, "T"] }],
  outputs: [{ name: "y", shape: [1, 4] }],
} as unknown as ModelSummary;

describe("layerRows", () => {
  it("joins structure, errors and decisions by the first output", () => {
    const comparison = {
      parity: { values: [{ value: "h", maxRelative: 1e-7 }], outputs: [] },
      quantization: { values: [], outputs: [{ value: "y", sqnrDb: 31 }] },
    } as unknown as Comparison;
    const rows = layerRows(summary, undefined, comparison, ["y"]);
    expect(rows).toMatchObject([
      { index: 1, op: "Conv", shape: "1×?×T", parity: 1e-7, sqnrDb: undefined, keptFloat: false },
      { index: 2, op: "Relu", shape: "1×4", parity: undefined, sqnrDb: 31, keptFloat: true },
    ]);
  });

  it("filters by operator, name and value", () => {
    const rows = layerRows(summary, undefined, undefined, []);
    expect(filteredRows(rows, " RELU ").map((r) => r.key)).toEqual(["y"]);
    expect(filteredRows(rows, "first").map((r) => r.key)).toEqual(["h"]);
    expect(filteredRows(rows, "")).toHaveLength(2);
  });
});
