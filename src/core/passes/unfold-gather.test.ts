import { describe, expect, test } from "vitest";
import { analyse, GraphSketch, integers, must, parity, runGraph } from "../../../test/stream-lab.ts";
import { floats, longTensor } from "../ir/tensor.ts";
import { offlineReference } from "../stream/offline-reference.ts";
import { toStreaming } from "../stream/streaming-model.ts";
import { normalize } from "./pipeline.ts";

describe("unfold-gather", () => {
  test.each([
    ["windows of 4, every second", [0, 1, 2, 3], 2],
    ["dilated windows, every frame", [0, 3, 6], 1],
    ["windows shorter than their step", [0, 1], 3],
  ])("%s", async (_, taps, step) => {
    const g = new GraphSketch();
    const x = g.input("x", [1, 2, "T"]);
    const scalar = (name: string, value: number) => g.constant(name, longTensor([value], []));
    const length = g.op("Gather", [g.op("Shape", [x]), scalar("two", 2)]);
    const limit = g.op("Sub", [length, scalar("last", Math.max(...taps))]);
    const starts = g.op("Range", [scalar("zero", 0), limit, scalar("step", step)]);
    const row = g.constant("taps", longTensor(taps, [1, taps.length]));
    const windows = g.op(
      "Gather",
      [x, g.op("Add", [g.op("Unsqueeze", [starts, g.longs([1])]), row])],
      { axis: 2 },
      "windows",
    );
    const original = g.model([windows]);
    const { model } = normalize(original);
    expect(model.graph.nodes.some((n) => n.op === "Gather")).toBe(false);
    for (const frames of [7, 12, 13]) {
      const feeds = { x: integers(3, [1, 2, frames], 9) };
      const before = must((await runGraph(original, original.graph, feeds)).windows);
      const after = must((await runGraph(model, model.graph, feeds)).windows);
      expect(after.dims).toEqual(before.dims);
      expect(floats(after)).toEqual(floats(before));
    }
    const analysis = analyse(model, { x: 2 });
    expect(analysis.refusals).toEqual([]);
    for (const chunk of [step, 2 * step]) {
      const { model: streaming } = toStreaming(model, analysis, { chunk });
      const steps = 36 / chunk;
      const feeds = { x: integers(3, [1, 2, 36], 9) };
      const [d] = await parity(model, analysis, streaming, feeds, { chunk, steps });
      expect(d?.maxAbs).toBe(0);
      // Inner values are compared with the same graph written for a known length.
      const reference = offlineReference(model, analysis, { chunk, steps, observe: ["windows"] });
      const whole = await runGraph(model, model.graph, feeds);
      const written = await runGraph(model, reference.graph, feeds);
      expect(must(written.windows)).toEqual(must(whole.windows));
      expect(d?.frames).toBeGreaterThan(36 / step / 2);
    }
  });
});
