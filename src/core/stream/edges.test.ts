import { describe, expect, test } from "vitest";
import {
  analyse,
  GraphSketch,
  integers,
  must,
  parity,
  runSteps,
  stackSteps,
} from "../../../test/stream-lab.ts";
import { unstackChunks } from "../ir/axis.ts";
import type { Model } from "../ir/graph.ts";
import { floats } from "../ir/tensor.ts";
import { normalize } from "../passes/pipeline.ts";
import { toStreaming } from "./streaming-model.ts";

const TO_END = 2 ** 31;

function modelOf(build: (g: GraphSketch, x: string) => string): Model {
  const g = new GraphSketch(7);
  return normalize(g.model([build(g, g.input("x", [1, 2, "T"]))])).model;
}

const pad = (g: GraphSketch, x: string, before: number, after: number): string =>
  g.op("Pad", [x, g.longs([0, 0, before, 0, 0, after])]);

/** Delay of the output, frames of every cache, and that nothing differs at some chunks. */
async function streamed(model: Model, chunks: readonly number[] = [1, 3]) {
  const analysis = analyse(model, { x: 2 });
  expect(analysis.refusals).toEqual([]);
  const answers = [];
  for (const chunk of chunks) {
    const streaming = toStreaming(model, analysis, { chunk });
    const feeds = { x: integers(5, [1, 2, 24], 3) };
    const steps = 24 / chunk;
    const all = await parity(model, streaming.analysis, streaming.model, feeds, { chunk, steps });
    for (const d of all) expect(d).toMatchObject({ maxAbs: 0 });
    for (const d of all) expect(d.frames).toBeGreaterThan(12);
    answers.push({
      delay: must(streaming.model.outputs[0]).delay,
      caches: must(streaming.model.modules[0])
        .caches.filter((c) => c.kind === "window")
        .map((c) => c.frames),
    });
  }
  return answers;
}

const conv = (g: GraphSketch, x: string, pads: readonly number[] = [0, 0]) => g.conv(x, [2, 2, 3], { pads });

describe("padding and cropping along time", () => {
  test("T28 padding in front of a valid convolution is its own: no delay", async () => {
    const model = modelOf((g, x) => conv(g, pad(g, x, 2, 0)));
    expect(model.graph.nodes.map((n) => n.op)).toEqual(["Conv"]);
    expect(await streamed(model)).toEqual([
      { delay: 0, caches: [2] },
      { delay: 0, caches: [2] },
    ]);
  });

  test("T30 a shift to the left is look-ahead alone: later by as much, and nothing is kept", async () => {
    const shifted = modelOf((g, x) => g.op("Relu", [pad(g, x, -2, 2)]));
    expect(await streamed(shifted)).toEqual([
      { delay: 2, caches: [] },
      { delay: 2, caches: [] },
    ]);
    const behind = modelOf((g, x) => g.op("Relu", [pad(g, conv(g, x), -2, 2)]));
    expect((await streamed(behind))[0]?.delay).toBe(2 + 2);
  });

  test("T33 what is padded in front and cut off again leaves nothing behind", async () => {
    const model = modelOf((g, x) =>
      g.op("Relu", [g.op("Slice", [pad(g, x, 3, 0), g.longs([3]), g.longs([TO_END]), g.longs([2])])]),
    );
    expect(await streamed(model)).toEqual([
      { delay: 0, caches: [] },
      { delay: 0, caches: [] },
    ]);
  });

  test("T39 constant frames in front of a stream wait only for what the stream does not lag anyway", async () => {
    const prefixed = (before: (g: GraphSketch, x: string) => string) =>
      modelOf((g, x) => {
        const prefix = g.constant("prefix", integers(9, [1, 2, 3], 0));
        return g.op("Relu", [g.op("Concat", [prefix, before(g, x)], { axis: 2 })]);
      });
    const [plain] = await streamed(prefixed((_, x) => x));
    expect(plain).toEqual({ delay: 0, caches: [3] });
    // A stream that lags by 2 frames: one more frame of waiting, and no delay is left.
    const [late] = await streamed(
      prefixed((g, x) => conv(g, x)),
      [1],
    );
    expect(late).toEqual({ delay: 0, caches: [2, 1] });
  });

  test("T86 an input that does not stream is the same in every step", async () => {
    const g = new GraphSketch(7);
    const [x, speaker] = [g.input("x", [1, 2, "T"]), g.input("speaker", [1, 2, 1])];
    const model = g.model([conv(g, g.op("Mul", [x, speaker]), [2, 0])]);
    const analysis = analyse(model, { x: 2 });
    expect(analysis.refusals).toEqual([]);
    expect(analysis.facts.get("speaker")).toEqual({ kind: "static" });
    const feeds = { x: integers(5, [1, 2, 12], 3), speaker: integers(6, [1, 2, 1], 2) };
    for (const chunk of [1, 4]) {
      const { model: streaming } = toStreaming(model, analysis, { chunk });
      expect(streaming.inputs.map((p) => [p.name, p.kind])).toEqual([
        ["x", "stream"],
        ["speaker", "static"],
      ]);
      const [d] = await parity(model, analysis, streaming, feeds, { chunk, steps: 12 / chunk });
      expect(d).toMatchObject({ maxAbs: 0, frames: 12 });
    }
    const { model: streaming } = toStreaming(model, analysis, { chunk: 1 });
    const results = await runSteps(model, streaming.modules, feeds, 12);
    const [{ name } = { name: "" }] = model.graph.outputs;
    expect(floats(unstackChunks(stackSteps(results, name), 2)).some((v) => v !== 0)).toBe(true);
  });
});
