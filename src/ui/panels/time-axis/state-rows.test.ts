import { describe, expect, it } from "vitest";
import type { StateProposals } from "../../../engine/carried/analyse-plan.ts";
import { choicesOf, stateView } from "./state-rows.ts";

const proposals: StateProposals = {
  pairs: [
    { input: "h", output: "hn", confidence: 0.9, why: ["name"], dtype: "float32", shape: ["batch", 1, 8] },
  ],
  inputs: ["x", "h", "rate", "c"],
  outputs: ["y", "hn", "cn"],
  axes: { x: 1 },
  chunk: 1,
};
const summary = { inputs: [{ name: "c", dtype: "float32" as const, shape: [1, 4] }] };

describe("stateView", () => {
  it("shows proposals until the user answers", () => {
    const view = stateView(proposals, { axes: { x: 1 } }, summary);
    expect(view).toMatchObject({ status: "open", still: [] });
    expect(view.rows).toMatchObject([{ input: "h", bytes: 32, confidence: 0.9 }]);
    expect(stateView({ ...proposals, pairs: [] }, { axes: {} }, summary).status).toBe("none");
    expect(stateView(proposals, { axes: {}, states: [] }, summary).status).toBe("denied");
  });

  it("shows what the user named, what is free, and which inputs have no frames", () => {
    const states = [
      { input: "h", output: "hn", init: 0 },
      { input: "c", output: "cn", init: 1 },
    ];
    const view = stateView(proposals, { axes: { x: 1 }, states, fixed: { rate: 16000 } }, summary);
    expect(view.status).toBe("confirmed");
    expect(view.rows.map((r) => [r.input, r.bytes, r.confidence, r.init])).toEqual([
      ["h", 32, 0.9, 0],
      ["c", 16, undefined, 1],
    ]);
    expect([view.freeInputs, view.freeOutputs]).toEqual([["x", "rate"], ["y"]]);
    expect(view.still).toEqual([{ input: "rate", value: 16000 }]);
    expect(choicesOf(view.rows)).toEqual(states);
  });
});
