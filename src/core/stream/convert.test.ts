import { describe, expect, test } from "vitest";
import { analyse, GraphSketch, integers, parity } from "../../../test/stream-lab.ts";
import type { Model } from "../ir/graph.ts";
import { floatTensor, longTensor } from "../ir/tensor.ts";
import { convert } from "./convert.ts";
import { toStreaming } from "./streaming-model.ts";

/** Whole-number weights and inputs: float32 sums are exact, so streaming must equal offline bit for bit. */
const EXACT = 0;
/** Averages are no whole numbers, and the runtime picks kernels by shape: rounding noise, as a part of the range. */
const ROUNDING = 5e-6;

interface Case {
  readonly name: string;
  readonly build: (g: GraphSketch) => string[];
  readonly shape?: readonly (number | string)[];
  readonly axis?: number;
  readonly chunks: readonly number[];
  /** Delay of every output. */
  readonly delays: readonly number[];
  /** Value → frames of its cache at chunk chunks[0]. */
  readonly caches: Readonly<Record<string, number>>;
  readonly tolerance?: number;
}

const causal = (g: GraphSketch, x: string, dilation = 1) =>
  g.conv(x, [2, 2, 3], { pads: [2 * dilation, 0], dilations: [dilation] });
const valid = (g: GraphSketch, x: string, k = 3) => g.conv(x, [2, 2, k]);
const same = (g: GraphSketch, x: string, k = 3) => g.conv(x, [2, 2, k], { pads: [(k - 1) / 2, (k - 1) / 2] });
const pointwise = (g: GraphSketch, x: string) => g.conv(x, [2, 2, 1]);

const CASES: readonly Case[] = [
  {
    name: "causal chain with dilations",
    build: (g) => [causal(g, g.op("Relu", [causal(g, "x")]), 4)],
    chunks: [1, 2, 3, 9],
    delays: [0],
    caches: { x: 2, relu1: 8 },
  },
  {
    name: "T16 residual of a same conv takes its delay from the conv's ring",
    build: (g) => [g.op("Add", [same(g, "x", 5), "x"])],
    chunks: [1, 3],
    delays: [2],
    caches: { x: 4 },
  },
  {
    name: "T17 the delay of a skip stands before the convolution that expands it",
    build: (g) => {
      const main = g.conv("x", [8, 2, 5], { pads: [2, 2] });
      return [g.op("Add", [main, g.op("Relu", [g.conv("x", [8, 2, 1])])])];
    },
    chunks: [1, 3],
    delays: [2],
    caches: { x: 4 },
  },
  {
    name: "a cropped skip through a pointwise conv",
    build: (g) => [
      g.op("Add", [
        valid(g, "x"),
        pointwise(g, g.op("Slice", ["x", g.longs([2]), g.longs([2 ** 31]), g.longs([2])])),
      ]),
    ],
    chunks: [1, 2],
    delays: [2],
    caches: { x: 2 },
  },
  {
    name: "T18 branches of different look-ahead meet at the latest",
    build: (g) => {
      const pool = g.op("MaxPool", ["x"], { kernel_shape: [3], pads: [1, 1] });
      return [g.op("Concat", [pointwise(g, "x"), same(g, "x", 3), same(g, "x", 5), pool], { axis: 1 })];
    },
    chunks: [1, 4],
    delays: [2],
    // The pool starts from the lowest number, the convolutions from 0: two rings of x.
    caches: { conv2: 1, maxpool0: 1, x: 2, "x.1": 4 },
  },
  {
    name: "T19 one ring for three dilations",
    build: (g) => [g.op("Sum", [causal(g, "x", 1), causal(g, "x", 2), causal(g, "x", 4)])],
    chunks: [1, 2],
    delays: [0],
    caches: { x: 8 },
  },
  {
    name: "T20 dense concat of layers with look-ahead",
    build: (g) => {
      const a = valid(g, "x");
      const b = valid(g, a);
      const crop = (v: string, n: number) =>
        g.op("Slice", [v, g.longs([n]), g.longs([2 ** 31]), g.longs([2])]);
      return [g.op("Concat", [crop("x", 4), crop(a, 2), b], { axis: 1 })];
    },
    chunks: [1, 2, 5],
    delays: [4],
    caches: { x: 2, conv0: 2 },
  },
  {
    name: "T23 static operands need no delay",
    build: (g) => [g.op("Add", [valid(g, "x"), g.constant("bias", integers(3, [2, 1], 3))])],
    chunks: [1, 2],
    delays: [2],
    caches: { x: 2 },
  },
  {
    name: "semicausal stride",
    build: (g) => [g.conv("x", [2, 2, 4], { pads: [2, 0], strides: [2] })],
    chunks: [2, 4],
    delays: [0],
    caches: { x: 2 },
  },
  {
    name: "W19 a stride swallows an odd delay by skipping a frame",
    build: (g) => [g.conv(valid(g, "x", 2), [2, 2, 1], { strides: [2] })],
    chunks: [2, 6],
    delays: [0],
    caches: { x: 1 },
  },
  {
    name: "W23 over-padded stride",
    build: (g) => [g.conv("x", [2, 2, 3], { pads: [5, 0], strides: [3] })],
    chunks: [3, 6],
    delays: [0],
    caches: { x: 5 },
  },
  {
    name: "W26 MaxPool starts from the lowest number",
    build: (g) => [g.op("MaxPool", ["x"], { kernel_shape: [3], pads: [1, 1], strides: [2] })],
    chunks: [2, 4],
    delays: [0],
    caches: { x: 1 },
  },
  {
    name: "W29 AveragePool with pads counted",
    build: (g) => [g.op("AveragePool", ["x"], { kernel_shape: [4], pads: [3, 0], count_include_pad: 1 })],
    chunks: [1, 2, 4],
    delays: [0],
    caches: { x: 3 },
    tolerance: ROUNDING,
  },
  {
    name: "two rings where readers need different fills",
    build: (g) => [
      g.op("Add", [g.op("MaxPool", ["x"], { kernel_shape: [2], pads: [1, 0] }), causal(g, "x")]),
    ],
    chunks: [1, 3],
    delays: [0],
    caches: { x: 1, "x.1": 2 },
  },
  {
    name: "T76 Conv2D with time before frequency",
    shape: [1, 2, "T", 6],
    axis: 2,
    build: (g) => [g.conv("x", [3, 2, 3, 3], { pads: [2, 1, 0, 1], strides: [1, 2] })],
    chunks: [1, 3],
    delays: [0],
    caches: { x: 2 },
  },
  {
    name: "T77 Conv2D with time last",
    shape: [1, 2, 6, "T"],
    axis: 3,
    build: (g) => [g.conv("x", [3, 2, 3, 3], { pads: [1, 2, 1, 0], dilations: [1, 1] })],
    chunks: [1, 3],
    delays: [0],
    caches: { x: 2 },
  },
  {
    name: "T44 transposes and a MatMul over rows",
    build: (g) => {
      const rows = g.op("Transpose", ["x"], { perm: [0, 2, 1] });
      const product = g.op("MatMul", [rows, g.constant("m", integers(5, [2, 2], 2))]);
      return [causal(g, g.op("Transpose", [product], { perm: [0, 2, 1] }))];
    },
    chunks: [1, 4],
    delays: [0],
    caches: { transpose2: 2 },
  },
  {
    name: "T45 reshapes that keep time apart",
    build: (g) => {
      const flat = g.op("Reshape", [causal(g, "x"), g.longs([2, -1])]);
      return [causal(g, g.op("Reshape", [flat, g.longs([1, 2, -1])]))];
    },
    chunks: [1, 2],
    delays: [0],
    caches: { x: 2, reshape2: 2 },
  },
  {
    name: "T88 outputs keep their own delays",
    build: (g) => [causal(g, "x"), valid(g, "x", 4)],
    chunks: [1, 3],
    delays: [0, 3],
    caches: { x: 3 },
  },
  {
    name: "T34 a crop is look-ahead only",
    build: (g) => [g.op("Slice", ["x", g.longs([3]), g.longs([2 ** 31]), g.longs([2])])],
    chunks: [1, 2],
    delays: [3],
    caches: {},
  },
  {
    name: "a Pad that no window could take delays",
    build: (g) => [g.op("Pad", ["x", g.longs([0, 0, 3, 0, 0, 0]), g.constant("five", floatTensor([5], []))])],
    chunks: [1, 2, 4],
    delays: [0],
    caches: { x: 3 },
  },
];

function modelOf({ build, shape = [1, 2, "T"] }: Pick<Case, "build" | "shape">, frames?: number): Model {
  const g = new GraphSketch();
  g.input(
    "x",
    shape.map((d) => (d === "T" && frames !== undefined ? frames : d)),
  );
  return g.model(build(g));
}

describe("convert", () => {
  test.each(CASES)("$name", async (c) => {
    const { axis = 2, chunks, delays, tolerance = EXACT, shape = [1, 2, "T"] } = c;
    const model = modelOf(c);
    const analysis = analyse(model, { x: axis });
    expect(analysis.refusals).toEqual([]);
    const facts = model.graph.outputs.map((o) => analysis.facts.get(o.name));
    expect(facts.map((f) => (f?.kind === "stream" ? f.delay : undefined))).toEqual(delays);
    for (const [i, chunk] of chunks.entries()) {
      const steps = Math.ceil(24 / chunk);
      const { model: streaming } = toStreaming(model, analysis, { chunk });
      const caches = streaming.modules.flatMap((m) => m.caches);
      if (i === 0)
        expect(Object.fromEntries(caches.map((k) => [k.input.slice("cache.".length), k.frames]))).toEqual(
          c.caches,
        );
      const dims = shape.map((d) => (d === "T" ? chunk * steps : Number(d)));
      const feeds = { x: integers(11, dims, 3) };
      const differences = await parity(model, analysis, streaming, feeds, { chunk, steps });
      for (const difference of differences) expect(difference.relative).toBeLessThanOrEqual(tolerance);
      expect(Math.min(...differences.map((d) => d.frames))).toBeGreaterThan(0);
    }
  });

  test("T82 a chunk must be a multiple of the stride", () => {
    const model = modelOf({ build: (g) => [g.conv("x", [2, 2, 4], { pads: [2, 0], strides: [2] })] });
    const analysis = analyse(model, { x: 2 });
    expect(() => convert(model, analysis, { chunk: 3 })).toThrowError(
      expect.objectContaining({ problem: { code: "stream.chunkMultiple", chunk: 3, minimalChunk: 2 } }),
    );
  });

  test("T89 nothing to remember, no cache", () => {
    const g = new GraphSketch();
    g.input("x", [1, 2, "T"]);
    const model = g.model([g.op("MaxPool", [g.conv("x", [2, 2, 1])], { kernel_shape: [2], strides: [2] })]);
    const module = convert(model, analyse(model, { x: 2 }), { chunk: 2 });
    expect(module.caches).toEqual([]);
    expect(module.graph.inputs.map((v) => v.name)).toEqual(["x"]);
    expect(module.graph.nodes.map((n) => n.op)).toEqual(["Conv", "MaxPool"]);
  });

  test("weights are shared, names survive, shapes are those of the chunk", () => {
    const model = modelOf({ build: (g) => [causal(g, g.op("Relu", [causal(g, "x")]), 4)] });
    const module = convert(model, analyse(model, { x: 2 }), { chunk: 4 });
    for (const [name, tensor] of model.graph.initializers)
      expect(module.graph.initializers.get(name)).toBe(tensor);
    expect(module.graph.nodes.filter((n) => n.op === "Conv").map((n) => n.outputs[0])).toEqual([
      "conv0",
      "conv2",
    ]);
    expect(module.graph.outputs[0]).toEqual({ name: "conv2", dtype: "float32", shape: [1, 2, 4] });
    expect(module.caches.map((c) => [c.input, c.output, c.shape])).toEqual([
      ["cache.x", "cache.x.next", [1, 2, 2]],
      ["cache.relu1", "cache.relu1.next", [1, 2, 8]],
    ]);
    expect(module.cost.cacheBytes).toBe((2 + 8) * 2 * 4);
  });

  test("a fixed length in a Reshape follows the chunk", async () => {
    const g = new GraphSketch();
    g.input("x", [1, 4, 12]);
    const split = g.op("Reshape", [g.conv("x", [4, 4, 3], { pads: [2, 0] }), g.longs([1, 2, 2, 12])]);
    const joined = g.op("Reshape", [g.op("Relu", [split]), g.constant("target", longTensor([1, 4, 12]))]);
    const model = g.model([joined]);
    const analysis = analyse(model, { x: 2 });
    expect(analysis.refusals).toEqual([]);
    const { model: streaming } = toStreaming(model, analysis, { chunk: 3 });
    const [worst] = await parity(
      model,
      analysis,
      streaming,
      { x: integers(2, [1, 4, 12], 3) },
      { chunk: 3, steps: 4 },
    );
    expect(worst).toMatchObject({ maxAbs: 0, frames: 12 });
  });
});
