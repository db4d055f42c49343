import { describe, expect, test } from "vitest";
import { analyse, GraphSketch } from "../../../test/stream-lab.ts";
import { cutChoices } from "./candidate-cuts.ts";
import { cutsThrough } from "./cuts.ts";
import { DEFAULT_LOAD } from "./load.ts";
import { partition } from "./partition.ts";
import { hintsFor, suggestCuts } from "./suggest-cuts.ts";

/** x → narrow (2 channels) → three pointwise layers → wide (16) → two pointwise layers → y. */
function hourglass() {
  const g = new GraphSketch(2);
  const x = g.input("x", [1, 8, "T"]);
  const before = g.op("Relu", [g.conv(x, [8, 8, 5], { pads: [4, 0] })], {}, "before");
  const narrow = g.op("Relu", [g.conv(before, [2, 8, 5], { pads: [4, 0] })], {}, "narrow");
  const wide = g.conv(narrow, [16, 2, 1]);
  const wider = g.op("Sigmoid", [g.op("Relu", [wide])], {}, "wider");
  const model = g.model([g.conv(wider, [8, 16, 3], { pads: [2, 0] })]);
  return { model, analysis: analyse(model, { x: 2 }) };
}

describe("suggestions", () => {
  test("the cheapest places come first, with what crosses and how the load divides", () => {
    const { model, analysis } = hourglass();
    const suggestions = suggestCuts(cutChoices(analysis, 3, DEFAULT_LOAD));
    const [first] = suggestions;
    // 2 channels · 3 frames · 4 bytes.
    expect(first).toMatchObject({ bytes: 24, crossing: [first?.value] });
    expect(suggestions.map((s) => s.bytes)).toEqual(suggestions.map((s) => s.bytes).sort((a, b) => a - b));
    for (const { value, crossing, bytes, share } of suggestions) {
      const { crossings } = partition(model, analysis, { chunk: 3, splits: [value] });
      expect(crossings[0]?.crossing.map((c) => c.value)).toEqual(crossing);
      expect(crossings[0]?.crossing.reduce((n, c) => n + c.bytes, 0)).toBe(bytes);
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThan(1);
    }
  });

  test("an expensive mark is told of the cheaper cut nearby, with what it saves", () => {
    const { model, analysis } = hourglass();
    const choices = cutChoices(analysis, 1, { ...DEFAULT_LOAD, dispatchSeconds: 0 });
    const [hint, ...others] = hintsFor(choices, ["wider"]);
    expect(others).toEqual([]);
    expect(hint).toMatchObject({ mark: "wider", bytes: 64, instead: { value: "narrow", bytes: 8 } });
    const between = model.graph.nodes.findIndex((n) => n.outputs[0] === "wider");
    const narrow = model.graph.nodes.findIndex((n) => n.outputs[0] === "narrow");
    expect(hint?.nodes).toBe(narrow - between);
    expect(hintsFor(choices, ["narrow"])).toEqual([]);
    // A cut that is marked already is no advice.
    expect(hintsFor(choices, ["narrow", "wider"]).map((h) => h.instead.value)).not.toContain("narrow");
  });

  test("every suggestion gives its own cut again when it is marked", () => {
    const g = new GraphSketch(6);
    const x = g.input("x", [1, 4, "T"]);
    const a = g.conv(x, [4, 4, 3], { pads: [2, 0] });
    const b = g.conv(a, [4, 4, 3], { pads: [2, 0] });
    const sum = g.op("Add", [b, g.op("Tanh", [a])]);
    const model = g.model([g.conv(sum, [2, 4, 3], { pads: [2, 0] })]);
    const analysis = analyse(model, { x: 2 });
    const choices = cutChoices(analysis, 2, DEFAULT_LOAD);
    for (const cut of choices.cuts) {
      const [again] = cutsThrough(analysis, [cut.value], 2);
      expect(again?.upstream).toEqual(cut.upstream);
    }
  });
});
