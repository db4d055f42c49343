import { describe, expect, it } from "vitest";
import type { Answers } from "./answers.ts";
import { problemRows } from "./problems.ts";

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
  leftOut: new Set(),
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
