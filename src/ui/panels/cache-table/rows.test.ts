import { describe, expect, it } from "vitest";
import type { ModelSummary, StreamingReport } from "../../../engine/reports.ts";
import { cacheTable, totalBytes } from "./rows.ts";

const summary = {
  nodes: [
    { key: "c", attributes: { kernel_shape: "[3]", dilations: "[4]" } },
    { key: "d", attributes: { kernel_shape: "[3, 1]", dilations: "[1, 1]" } },
  ],
} as unknown as ModelSummary;
const cache = (input: string, node: string, dtype: string) => ({
  kind: "window",
  value: input,
  input,
  shape: [1, 4, 8],
  axis: 2,
  frames: 8,
  dtype,
  readers: [{ node, use: "window", frames: 8 }],
});
const streaming = {
  modules: [{ caches: [cache("a", "c", "float32")] }, { caches: [cache("b", "d", "int8")] }],
} as unknown as StreamingReport;

describe("cacheTable", () => {
  const rows = cacheTable(summary, streaming, new Set(["b"]));

  it("lists every cache of every module with its bytes", () => {
    expect(rows.map((r) => [r.value, r.module, r.bytes, r.own])).toEqual([
      ["a", 0, 128, false],
      ["b", 1, 32, true],
    ]);
    expect(totalBytes(rows)).toBe(160);
  });

  it("says of a window its kernel, and its dilation where there is one", () => {
    expect(rows.map((r) => [r.why[0]?.kernel, r.why[0]?.dilation])).toEqual([
      ["3", "4"],
      ["3×1", ""],
    ]);
  });
});
