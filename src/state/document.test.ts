import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  acceptCaches,
  approximateNode,
  balanceSplits,
  clearCache,
  createDocument,
  type DocumentStore,
  EMPTY_PLAN,
  loadPlan,
  markCache,
  redoEdit,
  removeApproximation,
  replaceSplit,
  setAxis,
  setBits,
  setBudget,
  setCacheForm,
  setChunk,
  setCompatible,
  setEnd,
  setFixed,
  setMethod,
  setStates,
  setTarget,
  setWarmUp,
  setWidth,
  startPlan,
  toggleKeepFloat,
  toggleSplit,
  undoEdit,
} from "./document.ts";

const values = fc.constantFrom("a", "b", "c");
type Edit = (doc: DocumentStore) => void;
const edits: fc.Arbitrary<Edit> = fc.oneof(
  values.map(
    (v): Edit =>
      (doc) =>
        markCache(doc, v, { state: "accepted" }),
  ),
  values.map(
    (v): Edit =>
      (doc) =>
        markCache(doc, v, { state: "removed" }),
  ),
  fc.tuple(values, fc.integer({ min: 1, max: 9 })).map(
    ([v, frames]): Edit =>
      (doc) =>
        markCache(doc, v, { state: "forced", frames }),
  ),
  values.map(
    (v): Edit =>
      (doc) =>
        clearCache(doc, v),
  ),
  values.map(
    (v): Edit =>
      (doc) =>
        toggleSplit(doc, v),
  ),
  fc.integer({ min: 1, max: 8 }).map(
    (n): Edit =>
      (doc) =>
        setChunk(doc, n),
  ),
  fc.constant<Edit>((doc) => acceptCaches(doc, ["a", "b"])),
  values.chain((v) =>
    fc.constantFrom<Edit>(
      (doc) => setAxis(doc, v, 1),
      (doc) => setAxis(doc, v, 2),
      (doc) => setWarmUp(doc, "hold"),
      (doc) => setEnd(doc, "exact"),
      (doc) => approximateNode(doc, v, { kind: "running" }, { [v]: 1 }),
      (doc) => removeApproximation(doc, v),
      (doc) => replaceSplit(doc, "a", v),
      (doc) => balanceSplits(doc, [v, "z"]),
      (doc) => setStates(doc, [{ input: v, output: "z", init: 0 }], { axes: { [v]: 1 }, chunk: 2 }),
      (doc) => setStates(doc, undefined),
      (doc) => setFixed(doc, v, 16000),
      (doc) => setFixed(doc, v, undefined),
      (doc) => setMethod(doc, "mse"),
      (doc) => setTarget(doc, "esp32s3"),
      (doc) => setBits(doc, 16),
      (doc) => setBits(doc, 8),
      (doc) => setCompatible(doc, "esp-ppq"),
      (doc) => setCompatible(doc, undefined),
      (doc) => setCacheForm(doc, "explicit"),
      (doc) => setCacheForm(doc, undefined),
      (doc) => setBudget(doc, undefined),
      (doc) => setWidth(doc, { key: v, name: "" }, 16),
      (doc) => toggleKeepFloat(doc, v),
      (doc) => loadPlan(doc, { ...EMPTY_PLAN, chunk: 5, splits: [v] }),
    ),
  ),
);

describe("the document", () => {
  it("comes back to the byte after undoing and redoing everything", () => {
    fc.assert(
      fc.property(fc.array(edits, { maxLength: 25 }), (list) => {
        const doc = createDocument();
        for (const edit of list) edit(doc);
        const before = JSON.stringify(doc.getState().present);
        const { past, present } = doc.getState();
        const plans = [...past.map((step) => step.doc), present].map((plan) => JSON.stringify(plan));
        // Every step changes something.
        expect(plans.some((plan, i) => plan === plans[i + 1])).toBe(false);
        const steps = past.length;
        for (let i = 0; i < steps; i++) undoEdit(doc);
        expect(doc.getState().present).toEqual(EMPTY_PLAN);
        for (let i = 0; i < steps; i++) redoEdit(doc);
        expect(JSON.stringify(doc.getState().present)).toBe(before);
      }),
    );
  });

  it("accepts what is still open as one step, and says what an undo would take back", () => {
    const doc = createDocument();
    markCache(doc, "b", { state: "removed" });
    acceptCaches(doc, ["a", "b", "c"]);
    expect(doc.getState().present.caches).toEqual({
      b: { state: "removed" },
      a: { state: "accepted" },
      c: { state: "accepted" },
    });
    expect(doc.getState().past.at(-1)?.label).toEqual({ edit: "cachesAccepted" });
    undoEdit(doc);
    expect(Object.keys(doc.getState().present.caches)).toEqual(["b"]);
  });

  it("drops marks that rest on an axis that is left", () => {
    const doc = createDocument();
    startPlan(doc, {
      ...EMPTY_PLAN,
      axes: { x: 2, y: 1 },
      splits: ["v"],
      caches: { v: { state: "accepted" } },
    });
    setAxis(doc, "x", 1);
    expect(doc.getState().present).toMatchObject({ axes: { x: 1, y: 1 }, splits: [], caches: {} });
    undoEdit(doc);
    expect(doc.getState().present.splits).toEqual(["v"]);
  });

  it("knows one width of a node, whatever a plan lists it under", () => {
    const doc = createDocument();
    const node = { key: "conv_out", name: "conv" };
    startPlan(doc, { ...EMPTY_PLAN, widths: { conv: 16, other: 8 } });
    setWidth(doc, node, 8);
    expect(doc.getState().present.widths).toEqual({ conv_out: 8, other: 8 });
    expect(doc.getState().past.at(-1)?.label).toEqual({ edit: "width", on: "conv_out: 8" });
    setWidth(doc, node, undefined);
    setWidth(doc, node, undefined);
    expect(doc.getState().past).toHaveLength(2);
    setWidth(doc, { key: "other", name: "" }, undefined);
    expect("widths" in doc.getState().present).toBe(false);
  });

  it("starts anew with another model", () => {
    const doc = createDocument();
    toggleSplit(doc, "v");
    startPlan(doc, EMPTY_PLAN);
    undoEdit(doc);
    expect(doc.getState().present.splits).toEqual([]);
  });
});
