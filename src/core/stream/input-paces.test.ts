import { describe, expect, test } from "vitest";
import { GraphSketch, integers, must, runGraph, runSteps, stackSteps } from "../../../test/stream-lab.ts";
import { concatAxis, sliceAxis, unstackChunks } from "../ir/axis.ts";
import type { Model } from "../ir/graph.ts";
import { floats } from "../ir/tensor.ts";
import { inferShapes } from "../passes/infer-shapes.ts";
import { deriveAtPaces } from "./input-paces.ts";
import { toStreaming } from "./streaming-model.ts";
import { axisCandidates } from "./time-axis.ts";

/** Audio through an analysis filter of 6 samples every 2, meeting features made elsewhere, and back to samples. */
function audioAndFeatures(shapes: { audio: number | string; features: number | string }): Model {
  const g = new GraphSketch(5);
  const audio = g.input("audio", [1, 1, shapes.audio]);
  const features = g.input("features", [1, 3, shapes.features]);
  const frames = g.conv(audio, [3, 1, 6], { strides: [2] });
  const met = g.op("Mul", [frames, features], {}, "met");
  const back = g.constant("back", integers(2, [3, 1, 4], 2));
  return g.model([g.op("ConvTranspose", [met, back], { strides: [2] }, "y")]);
}

describe("T87 streaming inputs at different rates", () => {
  test.each([
    ["fixed lengths", { audio: 60, features: 28 }],
    ["symbols", { audio: "samples", features: "frames" }],
  ])("%s: axes, rate and delay are found", (_, shapes) => {
    const model = audioAndFeatures(shapes);
    const inference = inferShapes(model);
    const chosen = axisCandidates(model, inference).map((c) => [c.input, c.chosen]);
    expect(chosen).toEqual([
      ["audio", 2],
      ["features", 2],
    ]);
    const { paces, refusals, minimalChunk } = deriveAtPaces(model, inference, { audio: 2, features: 2 });
    expect(refusals).toEqual([]);
    expect(paces?.features).toEqual({ rate: { num: 1, den: 2 }, delay: 2 });
    expect(minimalChunk).toBe(2);
  });

  test.each([2, 4, 6])("streaming equals offline, chunk %i", async (chunk) => {
    const model = audioAndFeatures({ audio: 60, features: 28 });
    const neutral = deriveAtPaces(model, inferShapes(model), { audio: 2, features: 2 });
    for (const warmUp of ["hold", "mask"] as const) {
      const { model: made } = toStreaming(model, neutral, { chunk, warmUp });
      const [audio, features] = [integers(1, [1, 1, 60], 3), integers(2, [1, 3, 28], 3)];
      const offline = must((await runGraph(model, model.graph, { audio, features })).y);
      // What features hold before their first frame is of no account.
      const late = concatAxis([integers(9, [1, 3, 2], 3), features], 2);
      const results = await runSteps(model, made.modules, { audio, features: late }, 60 / chunk);
      const [port] = made.outputs;
      const stitched = unstackChunks(stackSteps(results, "y"), 2);
      const streamed = sliceAxis(stitched, 2, must(port).delay, 60);
      expect(streamed.dims[2]).toBeGreaterThan(50);
      expect(floats(streamed)).toEqual(floats(sliceAxis(offline, 2, 0, streamed.dims[2] ?? 0)));
      expect(made.inputs.map((p) => [p.name, p.framesPerStep, p.delay])).toEqual([
        ["audio", chunk, 0],
        ["features", chunk / 2, 2],
      ]);
    }
  });

  test("a declared rate that does not fit is refused with both rates", () => {
    const model = audioAndFeatures({ audio: 60, features: 28 });
    const paces = { features: { rate: { num: 1, den: 3 }, delay: 0 } };
    const { refusals } = deriveAtPaces(model, inferShapes(model), { audio: 2, features: 2 }, { paces });
    expect(refusals[0]?.problem).toMatchObject({
      node: "met",
      reason: "ratesDiffer",
      detail: { name: "1/2 1/3" },
    });
  });

  test("two branches of the features that want different rates are refused", () => {
    const g = new GraphSketch(5);
    const audio = g.input("audio", [1, 3, 60]);
    const features = g.input("features", [1, 3, 30]);
    const half = g.op("Add", [g.conv(audio, [3, 3, 2], { strides: [2] }), features]);
    const third = g.op("Add", [g.conv(audio, [3, 3, 3], { strides: [3] }), features], {}, "third");
    const model = g.model([half, third]);
    const { refusals, paces } = deriveAtPaces(model, inferShapes(model), { audio: 2, features: 2 });
    expect(paces).toBeUndefined();
    expect(refusals[0]?.problem).toMatchObject({ reason: "ratesDiffer", detail: { name: "1/2 1" } });
  });

  test("the faster input counts the chunk, whichever comes first", () => {
    const g = new GraphSketch(5);
    const slow = g.input("slow", [1, 2, "F"]);
    const fast = g.input("fast", [1, 2, "T"]);
    const model = g.model([g.op("Add", [slow, g.conv(fast, [2, 2, 2], { strides: [2] })])]);
    const { paces, minimalChunk } = deriveAtPaces(model, inferShapes(model), { slow: 2, fast: 2 });
    expect(paces).toMatchObject({ slow: { rate: { num: 1, den: 2 } }, fast: { rate: { num: 1, den: 1 } } });
    expect(minimalChunk).toBe(2);
  });
});
