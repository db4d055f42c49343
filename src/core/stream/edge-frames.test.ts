import { describe, expect, test } from "vitest";
import { flushed, poisonOf } from "../../../test/check-graph.ts";
import { analyse, GraphSketch, integers, parity, runGraph } from "../../../test/stream-lab.ts";
import type { Model } from "../ir/graph.ts";
import { normalize } from "../passes/pipeline.ts";
import type { WarmUpChoice } from "../plan/plan.ts";
import { toStreaming } from "./streaming-model.ts";

const CHUNKS = [1, 2, 5];
const POLICIES: readonly WarmUpChoice[] = ["hold", "mask", "two-graph", "auto"];
const LENGTHS = [7, 8, 20, 31];

function modelOf(build: (g: GraphSketch, x: string) => string): Model {
  const g = new GraphSketch(4);
  return normalize(g.model([build(g, g.input("x", [1, 2, "T"]))])).model;
}

const late = (g: GraphSketch, x: string) => g.conv(x, [2, 2, 3], { pads: [1, 1] });

/**
 * Largest difference from offline: open streams with NaN for junk, and flushed ones of several lengths that begin on
 * NaN and end on it, at chunks that the model allows.
 */
async function worstDifference(model: Model, least = LENGTHS): Promise<number> {
  const neutral = analyse(model, { x: 2 });
  expect(neutral.refusals).toEqual([]);
  let worst = 0;
  for (const factor of CHUNKS) {
    const chunk = factor * neutral.minimalChunk;
    for (const warmUp of POLICIES) {
      const { analysis, model: made } = toStreaming(model, neutral, { chunk, warmUp });
      const steps = Math.ceil(40 / chunk);
      const x = integers(5, [1, 2, chunk * steps], 3);
      const poison = poisonOf(analysis, made.modules, chunk);
      const open = await parity(model, analysis, made, { x }, { chunk, steps }, poison);
      for (const d of open) expect(d.frames).toBeGreaterThan(10);
      worst = Math.max(worst, ...open.map((d) => d.maxAbs));
      const exact = toStreaming(model, neutral, { chunk, warmUp, end: "exact" });
      for (const frames of least) {
        const clip = integers(frames, [1, 2, frames], 3);
        const offline = await runGraph(model, model.graph, { x: clip });
        const all = await flushed(model, exact, clip, offline);
        for (const d of all) expect(d.frames).toBeGreaterThan(0);
        worst = Math.max(worst, ...all.map((d) => d.maxAbs));
      }
    }
  }
  return worst;
}

const pooled = (op: string, attributes: Parameters<GraphSketch["op"]>[2]) =>
  modelOf((g, x) => late(g, g.op("Relu", [g.op(op, [late(g, x)], attributes)])));

describe("means of what a window holds", () => {
  test("T73 the first mean counts two frames of three, the last as many", async () => {
    const model = modelOf((g, x) => g.op("AveragePool", [x], { kernel_shape: [3], pads: [1, 1] }));
    const [offline, streaming] = [
      analyse(model, { x: 2 }),
      toStreaming(model, analyse(model, { x: 2 }), { chunk: 1 }),
    ];
    expect(offline.warmUp).toBe("causal-free");
    expect(streaming.model.outputs[0]?.delay).toBe(1);
    // A third in another order of operations: a rounding of single precision.
    expect(await worstDifference(model)).toBeLessThan(1e-6);
  });

  test.each([
    ["behind a delay", { kernel_shape: [2], pads: [1, 1] }],
    ["strided", { kernel_shape: [2], pads: [1, 1], strides: [2] }],
    ["length rounded up", { kernel_shape: [2], pads: [1, 0], strides: [2], ceil_mode: 1 }],
    [
      "padding counted, length rounded up",
      { kernel_shape: [4], strides: [2], count_include_pad: 1, ceil_mode: 1 },
    ],
  ])("%s, every frame is the same", async (_, attributes) => {
    expect(await worstDifference(pooled("AveragePool", attributes))).toBe(0);
  });

  test("over frequency too: what is padded there is the node's own affair", async () => {
    const model = modelOf((g, x) => {
      const image = g.op("Unsqueeze", [late(g, x), g.longs([1])]);
      const mean = g.op("AveragePool", [image], { kernel_shape: [2, 2], pads: [1, 1, 1, 1] });
      return g.op("Relu", [mean]);
    });
    expect(await worstDifference(model)).toBe(0);
  });
});

describe("pools whose length is rounded up", () => {
  test("T72 the interior is equal; the last frame is not there until the end is told", async () => {
    const model = pooled("MaxPool", { kernel_shape: [3], strides: [2], ceil_mode: 1 });
    expect(await worstDifference(model)).toBe(0);
    const alone = modelOf((g, x) => g.op("MaxPool", [x], { kernel_shape: [3], strides: [2], ceil_mode: 1 }));
    const { lags, cleanLags } = analyse(alone, { x: 2 });
    const [{ name } = { name: "" }] = alone.graph.outputs;
    // At an even length, one frame that offline makes of two frames and nothing.
    expect((lags.get(name) ?? 0) - (cleanLags.get(name) ?? 0)).toBe(1);
  });

  test("norms of windows", async () => {
    const attributes = { kernel_shape: [2], pads: [1, 1], p: 1 };
    expect(await worstDifference(pooled("LpPool", attributes))).toBe(0);
  });

  test("T74 places in the whole signal are refused", () => {
    const g = new GraphSketch(4);
    const x = g.input("x", [1, 2, "T"]);
    const y = g.op("MaxPool", [x], { kernel_shape: [2] });
    const model = g.model([y]);
    const [node] = model.graph.nodes;
    const nodes = node ? [{ ...node, outputs: [y, "places"] }] : [];
    const withPlaces = { ...model, graph: { ...model.graph, nodes } };
    expect(analyse(withPlaces, { x: 2 }).refusals.map((r) => r.problem)).toEqual([
      expect.objectContaining({ op: "MaxPool", axis: 2, reason: "timeIndexed", detail: "Indices output" }),
    ]);
  });
});
