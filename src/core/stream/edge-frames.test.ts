import { describe, expect, test } from "vitest";
import { flushed, poisonOf } from "../../../test/check-graph.ts";
import { analyse, GraphSketch, integers, parity, runGraph } from "../../../test/stream-lab.ts";
import { type Model, stringAttribute } from "../ir/graph.ts";
import { floatTensor } from "../ir/tensor.ts";
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
      for (const d of open) expect(d.frames).toBeGreaterThan(5);
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
      expect.objectContaining({
        op: "MaxPool",
        axis: 2,
        reason: "timeIndexed",
        detail: { code: "name", name: "Indices" },
      }),
    ]);
  });
});

const padded = (mode: string, before: number, after: number) => (g: GraphSketch, x: string) =>
  g.op("Pad", [x, g.longs([0, 0, before, 0, 0, after])], { mode: stringAttribute(mode) });

describe("frames of the stream beyond its ends", () => {
  test.each([
    ["edge", 2, 0],
    ["edge", 3, 2],
    ["edge", 0, 2],
    ["reflect", 2, 2],
    ["reflect", 3, 0],
    ["reflect", 0, 4],
  ])("T31, T32 %s padding by %i and %i is exact at any chunk", async (mode, before, after) => {
    const pad = padded(mode, before, after);
    expect(await worstDifference(modelOf((g, x) => g.op("Relu", [pad(g, x)])))).toBe(0);
    expect(await worstDifference(modelOf((g, x) => late(g, pad(g, late(g, x)))))).toBe(0);
  });

  test("T31, T32 a repeated frame costs no delay, mirrored ones as many as they are", () => {
    const delayOf = (mode: string) => {
      const model = modelOf((g, x) => g.op("Relu", [padded(mode, 3, 0)(g, x)]));
      return toStreaming(model, analyse(model, { x: 2 }), { chunk: 1 }).model.outputs[0]?.delay;
    };
    expect([delayOf("edge"), delayOf("reflect")]).toEqual([0, 3]);
  });

  test("T69 frames of a transform whose signal is mirrored in front and behind", async () => {
    const model = modelOf((g, x) => g.conv(padded("reflect", 4, 4)(g, x), [6, 2, 8], { strides: [4] }));
    expect(await worstDifference(model)).toBe(0);
  });

  test("padding of two axes at once", async () => {
    const model = modelOf((g, x) => {
      const both = g.op("Pad", [x, g.longs([0, 1, 2, 0, 0, 1])], { mode: stringAttribute("reflect") });
      return g.op("Relu", [both]);
    });
    expect(await worstDifference(model)).toBe(0);
  });

  test("frames that come round from the other end are refused", () => {
    const g = new GraphSketch();
    const model = g.model([padded("wrap", 2, 0)(g, g.input("x", [1, 2, "T"]))]);
    expect(analyse(model, { x: 2 }).refusals.map((r) => r.problem)).toEqual([
      expect.objectContaining({ op: "Pad", reason: "paddingMode", detail: { code: "name", name: "wrap" } }),
    ]);
  });
});

describe("interpolation of time", () => {
  const between =
    (factor: number, place: string, mode = "linear") =>
    (g: GraphSketch, x: string) => {
      const scales = g.constant("scales", floatTensor([1, 1, factor], [3]));
      const attributes = {
        mode: stringAttribute(mode),
        coordinate_transformation_mode: stringAttribute(place),
      };
      return g.op("Resize", [x, "", scales], attributes);
    };

  test.each([
    [2, "half_pixel", 1],
    [4, "pytorch_half_pixel", 2],
    [3, "half_pixel", 1],
    [2, "asymmetric", 1],
    [4, "asymmetric", 3],
  ])("on lines, ×%i %s: every frame, %i late", async (factor, place, delay) => {
    const build = between(factor, place);
    const alone = modelOf((g, x) => g.op("Relu", [build(g, x)]));
    expect(toStreaming(alone, analyse(alone, { x: 2 }), { chunk: 1 }).model.outputs[0]?.delay).toBe(delay);
    // Places of frames below 64, rounded to single precision, times the largest step between neighbours; halves and
    // quarters of a frame are not rounded.
    const rounding = (step: number) => (factor === 3 ? 2 ** -18 * step : 0);
    expect(await worstDifference(alone)).toBeLessThanOrEqual(rounding(6));
    const behind = modelOf((g, x) => g.op("Relu", [build(g, late(g, x))]));
    expect(await worstDifference(behind)).toBeLessThanOrEqual(rounding(2 * (6 * 2 * 3 + 2)));
  });

  test.each([
    ["align_corners", "linear", "timeIndexed"],
    ["half_pixel", "cubic", "unknownOp"],
  ])("%s %s is refused", (place, mode, reason) => {
    const { refusals } = analyse(modelOf(between(2, place, mode)), { x: 2 });
    expect(refusals.map((r) => r.problem)).toEqual([
      expect.objectContaining({ op: "Resize", axis: 2, reason }),
    ]);
  });
});
