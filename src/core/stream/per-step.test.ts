import { describe, expect, test } from "vitest";
import {
  analyse,
  compareStream,
  GraphSketch,
  initialCache,
  integers,
  must,
  parity,
  runGraph,
  runOffline,
  runScan,
  runSteps,
  stackSteps,
} from "../../../test/stream-lab.ts";
import { sliceAxis, stackChunks } from "../ir/axis.ts";
import type { Model } from "../ir/graph.ts";
import { floats, longTensor } from "../ir/tensor.ts";
import { calibrationModule } from "./long-chunk.ts";
import { scanWrapper } from "./scan.ts";
import { toStreaming } from "./streaming-model.ts";

const TO_END = 2 ** 31;

/** conv chain → last `frames` frames → Flatten → Gemm: the head of a keyword classifier. */
function classifier(frames: number, pads: readonly number[] = [2, 0]): Model {
  const g = new GraphSketch(3);
  const x = g.input("x", [1, 2, "T"]);
  const y = g.op("Relu", [g.conv(x, [2, 2, 3], { pads })], {}, "y");
  const last = g.op("Slice", [y, g.longs([-frames]), g.longs([TO_END]), g.longs([2])], {}, "last");
  const flat = g.op("Flatten", [last], { axis: 1 }, "flat");
  const weight = g.constant("fc", integers(9, [3, 2 * frames], 2));
  return g.model([
    g.op("Gemm", [flat, weight, g.constant("fb", integers(10, [3], 2))], { transB: 1 }, "score"),
  ]);
}

describe("a head over the last frames", () => {
  test("refuses the last frames of a stream that offline cuts short", () => {
    const g = new GraphSketch();
    const x = g.input("x", [1, 2, "T"]);
    const cut = g.op("Slice", [x, g.longs([0]), g.longs([-3]), g.longs([2])]);
    const model = g.model([g.op("Slice", [cut, g.longs([-2]), g.longs([TO_END]), g.longs([2])])]);
    expect(analyse(model, { x: 2 }).refusals[0]?.problem).toMatchObject({ reason: "timeIndexed" });
  });

  test.each([1, 2, 3, 5])("equals offline on every prefix, chunk %i", async (chunk) => {
    const model = classifier(3);
    const analysis = analyse(model, { x: 2 });
    expect(analysis.facts.get("score")).toMatchObject({ kind: "perStep", delay: 0, windowFrames: 3 });
    const { model: streaming } = toStreaming(model, analysis, { chunk });
    expect(streaming.outputs[0]).toMatchObject({ kind: "perStep", shape: [1, 3], framesPerStep: 1 });
    const steps = 8;
    const feeds = { x: integers(4, [1, 2, chunk * steps], 3) };
    const [worst] = await parity(model, analysis, streaming, feeds, { chunk, steps });
    expect(worst).toMatchObject({ maxAbs: 0 });
    expect(worst?.frames).toBe(steps - Math.ceil(3 / chunk) + 1);
  });

  test.each([1, 4])(
    "T53 a head over 16 frames keeps a ring of them and answers once per chunk of %i",
    async (chunk) => {
      const model = classifier(16);
      const analysis = analyse(model, { x: 2 });
      // The first whole window ends with frame 15.
      expect(analysis.facts.get("score")).toMatchObject({ kind: "perStep", windowFrames: 16 });
      const { model: streaming } = toStreaming(model, analysis, { chunk });
      const ring = must(streaming.modules[0]).caches.find((c) => c.value === "y");
      expect(ring?.frames).toBe(16 - chunk);
      const steps = 32 / chunk;
      const feeds = { x: integers(4, [1, 2, 32], 3) };
      const [worst] = await parity(model, analysis, streaming, feeds, { chunk, steps });
      expect(worst).toMatchObject({ maxAbs: 0, frames: steps - 16 / chunk + 1 });
    },
  );

  test("the prefix reference equals the file's graph run on each prefix", async () => {
    for (const pads of [
      [2, 0],
      [0, 0],
    ]) {
      const model = classifier(3, pads);
      const analysis = analyse(model, { x: 2 });
      const fact = analysis.facts.get("score");
      const first = fact?.kind === "perStep" ? fact.windowFrames : 0;
      expect(first).toBe(pads[0] === 2 ? 3 : 5);
      const feeds = { x: integers(4, [1, 2, 9], 3) };
      const reference = floats(
        must((await runOffline(model, analysis, feeds, { chunk: 1, steps: 9 })).score),
      );
      for (let length = first; length <= 9; length++) {
        const prefix = await runGraph(model, model.graph, { x: sliceAxis(feeds.x, 2, 0, length) });
        const row = reference.subarray((length - 1) * 3, length * 3);
        expect([...row]).toEqual([...floats(must(prefix.score))]);
      }
    }
  });

  test.each([
    ["counted from the end", -1, "T"],
    ["the last of a fixed length", 11, 12],
  ])("T37 one frame by its index, %s, without its axis", async (_, index, length) => {
    const g = new GraphSketch(3);
    const x = g.input("x", [1, 2, length]);
    const y = g.conv(x, [2, 2, 3], { pads: [2, 0] });
    const last = g.op("Gather", [y, g.constant("at", longTensor([index], []))], { axis: 2 }, "last");
    const model = g.model([g.op("Relu", [last], {}, "score"), last]);
    const analysis = analyse(model, { x: 2 });
    const feeds = { x: integers(4, [1, 2, 12], 3) };
    for (const chunk of [1, 3]) {
      const { model: streaming } = toStreaming(model, analysis, { chunk });
      expect(streaming.outputs.map((p) => p.shape)).toEqual([
        [1, 2],
        [1, 2],
      ]);
      const steps = 12 / chunk;
      for (const d of await parity(model, analysis, streaming, feeds, { chunk, steps }))
        expect(d).toMatchObject({ maxAbs: 0, frames: steps });
      const long = calibrationModule(model, analysis, { chunk, steps, observe: ["last", "score"] });
      const states = Object.fromEntries(long.caches.map((c) => [c.input, initialCache(c)]));
      const whole = await runGraph(model, long.graph, { ...feeds, ...states });
      const byHand = await runSteps(model, streaming.modules, feeds, steps);
      for (const value of ["last", "score"])
        expect([...floats(must(whole[value]))]).toEqual([...floats(stackSteps(byHand, value))]);
    }
    const whole = await runGraph(model, model.graph, feeds);
    const { last: end } = await runOffline(model, analysis, feeds, { chunk: 1, steps: 12 });
    expect([...floats(must(end)).subarray(-2)]).toEqual([...floats(must(whole.last))]);
  });

  test("padding behind the end leaves no exact last frame", () => {
    const { refusals } = analyse(classifier(3, [1, 1]), { x: 2 });
    expect(refusals.map((r) => r.problem)).toEqual([
      expect.objectContaining({
        code: "stream.refused",
        node: "last",
        reason: "maskNeeded",
        detail: { code: "atEnd" },
      }),
    ]);
  });

  test("a per-step value cannot meet a stream", () => {
    const g = new GraphSketch();
    const x = g.input("x", [1, 2, "T"]);
    const last = g.op("Slice", [x, g.longs([-1]), g.longs([TO_END]), g.longs([2])]);
    const { refusals } = analyse(g.model([g.op("Add", [x, last], {}, "sum")]), { x: 2 });
    expect(refusals.map((r) => r.problem)).toEqual([
      expect.objectContaining({ node: "sum", reason: "perStepMixed" }),
    ]);
  });
});

describe("many steps in one run", () => {
  test("Scan equals stepping by hand and goes on where it stopped", async () => {
    const model = classifier(3);
    const analysis = analyse(model, { x: 2 });
    const { model: streaming } = toStreaming(model, analysis, { chunk: 2, splits: ["y"] });
    expect(streaming.modules).toHaveLength(2);
    const x = integers(6, [1, 2, 20], 3);
    const byHand = await runSteps(model, streaming.modules, { x }, 10);
    const wrapper = scanWrapper(streaming.modules, { observe: ["flat"] });
    const stacked = stackChunks(x, 2, 2);
    const whole = await runScan(model, wrapper, { x: stacked });
    for (const value of ["y", "score"])
      expect([...floats(must(whole[value]))]).toEqual([...floats(stackSteps(byHand, value))]);
    expect(must(whole.flat).dims).toEqual([10, 1, 6]);

    const half = await runScan(model, wrapper, { x: sliceAxis(stacked, 0, 0, 5) });
    const states = Object.fromEntries(wrapper.states.map((s) => [s.input, must(half[s.output])]));
    const rest = await runGraph(model, wrapper.graph, { x: sliceAxis(stacked, 0, 5, 10), ...states });
    expect([...floats(must(half.score)), ...floats(must(rest.score))]).toEqual([
      ...floats(must(whole.score)),
    ]);
  });

  test("a long chunk shows every value that single steps show", async () => {
    const model = classifier(5);
    const analysis = analyse(model, { x: 2 });
    const observe = ["conv0", "y", "last", "flat", "score"];
    const long = calibrationModule(model, analysis, { chunk: 2, steps: 6, observe });
    expect(long.outputs.map((p) => p.shape)).toEqual([
      [1, 2, 12],
      [1, 2, 12],
      [6, 1, 2, 5],
      [6, 1, 10],
      [6, 1, 3],
    ]);
    const x = integers(8, [1, 2, 24], 3);
    const { model: streaming } = toStreaming(model, analysis, { chunk: 2 });
    const byHand = await runSteps(model, streaming.modules, { x }, 12);
    const runs: Record<string, Float32Array>[] = [];
    let states = Object.fromEntries(long.caches.map((c) => [c.input, initialCache(c)]));
    for (const part of [0, 1]) {
      const out = await runGraph(model, long.graph, {
        x: sliceAxis(x, 2, part * 12, part * 12 + 12),
        ...states,
      });
      states = Object.fromEntries(long.caches.map((c) => [c.input, must(out[c.output])]));
      runs.push(Object.fromEntries(observe.map((v) => [v, floats(must(out[v]))])));
    }
    expect(runs.flatMap((r) => [...must(r.score)])).toEqual([...floats(stackSteps(byHand, "score"))]);
    const offline = await runOffline(model, analysis, { x }, { chunk: 2, steps: 12 });
    const stacked = stackSteps(byHand, "score");
    expect(compareStream(analysis, "score", stacked, must(offline.score), 2).maxAbs).toBe(0);
  });
});
