import { describe, expect, it } from "vitest";
import type { ModelSummary } from "../engine/reports.ts";
import { commandOf } from "./commands/list.ts";
import { setWidths, undoEdit } from "./document.ts";
import { ANSWERS, fakeStudio, file, settle } from "./fake-studio.fixture.ts";
import { openFiles } from "./open-files.ts";
import type { Studio } from "./studio.ts";
import { select, selectBesides } from "./view.ts";

const NODES = ["p", "q", "r"].map((key) => ({ key, op: "Relu", name: "", inputs: ["x"], outputs: [key] }));

/** A model of three ops with the last two selected. */
async function withTwo(): Promise<Studio> {
  const { studio, answers } = fakeStudio();
  answers.open = () => ({ ...ANSWERS.open, nodes: NODES }) as unknown as ModelSummary;
  await openFiles(studio, [file("m.onnx")]);
  await settle(studio);
  select(studio.view, { kind: "node", id: "q" });
  selectBesides(studio.view, { kind: "node", id: "r" }, "walk");
  return studio;
}

const run = (studio: Studio, id: "toggleCache" | "toggleSplit" | "toggleKeepFloat") => {
  const command = commandOf(id);
  expect(command.when(studio)).toBe(true);
  command.run(studio, undefined as never);
  return studio.document.getState();
};

describe("what is done to several at once is one step", () => {
  it("splits: all, then none", async () => {
    const studio = await withTwo();
    expect(run(studio, "toggleSplit")).toMatchObject({
      present: { splits: ["q", "r"] },
      past: [{ label: { edit: "splitsAdded", on: "2" } }],
    });
    expect(run(studio, "toggleSplit").present.splits).toEqual([]);
    undoEdit(studio.document);
    expect(studio.document.getState().present.splits).toEqual(["q", "r"]);
  });

  it("float: what is missing first, then all given back", async () => {
    const studio = await withTwo();
    select(studio.view, { kind: "node", id: "q" });
    run(studio, "toggleKeepFloat");
    selectBesides(studio.view, { kind: "node", id: "r" }, "toggle");
    expect(run(studio, "toggleKeepFloat").present.keepFloat).toEqual(["q", "r"]);
    expect(run(studio, "toggleKeepFloat").present.keepFloat).toEqual([]);
    undoEdit(studio.document);
    undoEdit(studio.document);
    expect(studio.document.getState().present.keepFloat).toEqual(["q"]);
  });

  it("caches: the proposed ones of them through their states; without any, all by force", async () => {
    const studio = await withTwo();
    expect(run(studio, "toggleCache").present.caches).toEqual({
      q: { state: "forced", frames: 1 },
      r: { state: "forced", frames: 1 },
    });
    expect(run(studio, "toggleCache").present.caches).toEqual({});
    // The sample's one proposal is at the input x.
    selectBesides(studio.view, { kind: "value", id: "x" }, "toggle");
    expect(run(studio, "toggleCache").present.caches).toEqual({ x: { state: "accepted" } });
    expect(run(studio, "toggleCache").present.caches).toEqual({ x: { state: "removed" } });
    expect(run(studio, "toggleCache").present.caches).toEqual({});
    for (let i = 0; i < 5; i++) undoEdit(studio.document);
    expect(studio.document.getState()).toMatchObject({ present: { caches: {} }, past: [] });
  });

  it("widths: one for all, and taken back under whatever name they are listed", async () => {
    const studio = await withTwo();
    const nodes = [
      { key: "q", name: "" },
      { key: "r", name: "name of r" },
    ];
    setWidths(studio.document, nodes, 16);
    expect(studio.document.getState().present.widths).toEqual({ q: 16, r: 16 });
    setWidths(studio.document, [{ key: "other", name: "r" }, nodes[0] ?? { key: "", name: "" }], undefined);
    expect(studio.document.getState().present.widths).toBeUndefined();
  });
});
