import { describe, expect, it } from "vitest";
import type { Answers } from "./answers.ts";
import { placeOf, problemRows } from "./problems.ts";

const idle = { status: "idle", ready: false, cancelling: false, stale: false } as const;
const empty = {
  open: idle,
  analyse: idle,
  convert: idle,
  inspect: idle,
  calibrate: idle,
  compare: idle,
  package: idle,
  usedClips: 0,
  features: {},
} as unknown as Answers;

describe("problemRows", () => {
  it("lists each problem once, in the order of the steps", () => {
    const refused = {
      code: "stream.refused",
      node: "n",
      op: "Softmax",
      axis: 2,
      reason: "timeReduced",
    } as const;
    const rows = problemRows({
      ...empty,
      analyse: { ...idle, result: { refusals: [{ severity: "error", problem: refused }] } },
      convert: { ...idle, status: "failed", failure: { kind: "problem", problem: refused } },
      inspect: { ...idle, result: [{ file: "a", problem: { code: "file.empty", file: "a" } }] },
    } as unknown as Answers);
    expect(rows.map((r) => [r.problem.code, r.step])).toEqual([
      ["stream.refused", "axis"],
      ["file.empty", "audio"],
    ]);
  });
});

describe("placeOf", () => {
  it("finds nodes and values, and nothing in a file", () => {
    expect(placeOf({ code: "quant.opUnsupported", node: "n", op: "X", target: "t" })).toEqual({
      kind: "node",
      id: "n",
    });
    expect(placeOf({ code: "quant.noStatistics", value: "v" })).toEqual({ kind: "value", id: "v" });
    expect(placeOf({ code: "stream.axisUnknown", input: "x" })).toEqual({ kind: "value", id: "x" });
    expect(placeOf({ code: "file.empty", file: "f" })).toBeUndefined();
  });
});
