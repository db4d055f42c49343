import { describe, expect, test } from "vitest";
import { analyse, GraphSketch, integers, must, parity, runGraph } from "../../../test/stream-lab.ts";
import { floats, longTensor } from "../ir/tensor.ts";
import { toStreaming } from "../stream/streaming-model.ts";
import { normalize } from "./pipeline.ts";

describe("sequence-to-split", () => {
  test.each([
    ["equal parts of two", longTensor([2], []), [2, 2, 1]],
    ["given parts", longTensor([1, 4]), [1, 4]],
  ])("%s, picked from either end", async (_, split, sizes) => {
    const g = new GraphSketch();
    const x = g.input("x", [1, 5, "T"]);
    g.constant("split", split);
    const parts = g.op("SplitToSequence", [x, "split"], { axis: 1 });
    const pick = (name: string, at: number) =>
      g.op("SequenceAt", [parts, g.constant(name, longTensor([at], []))]);
    const picked = [g.op("Relu", [pick("first", 0)]), g.op("Neg", [pick("last", -1)])];
    const original = g.model([g.op("Concat", picked, { axis: 1 }, "y")]);
    const { model } = normalize(original);
    expect(model.graph.nodes.map((n) => n.op)).toEqual(["Split", "Relu", "Neg", "Concat"]);
    const feeds = { x: integers(3, [1, 5, 8], 4) };
    const before = must((await runGraph(original, original.graph, feeds)).y);
    const after = must((await runGraph(model, model.graph, feeds)).y);
    expect(before.dims[1]).toBe((sizes[0] ?? 0) + (sizes.at(-1) ?? 0));
    expect(floats(after)).toEqual(floats(before));
    const analysis = analyse(model, { x: 2 });
    expect(analysis.refusals).toEqual([]);
    const { model: streaming } = toStreaming(model, analysis, { chunk: 2 });
    const [d] = await parity(model, analysis, streaming, feeds, { chunk: 2, steps: 4 });
    expect(d?.maxAbs).toBe(0);
  });
});
