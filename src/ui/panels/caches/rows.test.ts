import { describe, expect, it } from "vitest";
import { defaultPlan } from "../../../core/plan/default-plan.ts";
import type { AnalysisReport } from "../../../engine/reports.ts";
import type { Conversion } from "../../../worker/protocol.ts";
import { cacheRows, cacheTotals } from "./rows.ts";

const proposal = (value: string, frames: number, bytes: number) => ({
  value,
  frames,
  bytes,
  delay: 0,
  readers: [],
});
const report = {
  proposals: [proposal("a", 2, 256), proposal("b", 4, 512), proposal("c", 1, 64)],
} as unknown as AnalysisReport;

describe("cacheRows", () => {
  const plan = defaultPlan(
    { name: "m", sha256: "" },
    {
      caches: {
        b: { state: "forced", frames: 6 },
        c: { state: "removed" },
        z: { state: "forced", frames: 3 },
      },
    },
  );

  it("shows proposals in graph order with what was decided, then marks without a proposal", () => {
    const rows = cacheRows(plan, report, undefined);
    expect(rows.map((r) => [r.value, r.state, r.frames, r.bytes])).toEqual([
      ["a", "proposed", 2, 256],
      ["b", "forced", 6, 768],
      ["c", "removed", 0, 0],
      ["z", "forced", 3, 0],
    ]);
  });

  it("follows the chunk: a value that needs no past there is not listed, whatever was marked", () => {
    const inputs = [{ name: "x", axis: 2 }];
    const at3 = { inputs, modules: [], proposals: [proposal("a", 1, 128)] } as unknown as Conversion;
    const along = (axis: number) => ({
      ...plan,
      axes: { x: axis },
      caches: { c: { state: "accepted" } } as const,
    });
    expect(cacheRows(along(2), report, at3).map((r) => [r.value, r.frames])).toEqual([["a", 1]]);
    expect(cacheRows(along(1), report, at3).map((r) => r.value)).toEqual(["a", "b", "c"]);
  });

  it("prefers the bytes of the caches that were made", () => {
    const made = { kind: "window", value: "z", shape: [1, 8, 3], dtype: "float32" };
    const modules = [{ caches: [made] }, { caches: [made] }];
    const { proposals } = report;
    const streaming = { inputs: [], modules, proposals } as unknown as Conversion;
    expect(cacheRows(plan, report, streaming).at(-1)?.bytes).toBe(192);
  });

  it("adds up what is kept, and never keeps less than is needed", () => {
    const shorter = { ...plan, caches: { b: { state: "forced", frames: 1 } } as const };
    const rows = cacheRows(shorter, report, undefined);
    expect(rows[1]?.frames).toBe(4);
    expect(cacheTotals(cacheRows(plan, report, undefined))).toEqual({
      kept: 3,
      open: 1,
      removed: 1,
      bytes: 1024,
    });
  });
});
