import { describe, expect, test } from "vitest";
import { analyse, GraphSketch, integers, must, parity } from "../../../test/stream-lab.ts";
import type { Model } from "../ir/graph.ts";
import { floats, type Tensor } from "../ir/tensor.ts";
import { normalize } from "../passes/pipeline.ts";
import { toStreaming } from "./streaming-model.ts";
import { withWarmUp } from "./warm-up.ts";

/* ConvTranspose along time. Whole numbers: streaming must equal offline bit for bit. */

interface Case {
  readonly name: string;
  readonly weight: readonly number[];
  readonly attributes: Readonly<Record<string, number | readonly number[] | string>>;
  /** Frames by which the input is delayed, by a convolution that looks ahead. */
  readonly ahead?: number;
  readonly delay: number;
  readonly history: number;
  /** Frames of the whole output for 12 frames of input. */
  readonly length: number;
  readonly shape?: readonly (number | string)[];
  readonly axis?: number;
}

const CASES: readonly Case[] = [
  {
    name: "T01 k4 s2 with bias",
    weight: [2, 3, 4],
    attributes: { strides: [2] },
    delay: 0,
    history: 1,
    length: 26,
  },
  {
    name: "T02 k8 s4 pads(2,2)",
    weight: [2, 3, 8],
    attributes: { strides: [4], pads: [2, 2] },
    delay: 2,
    history: 1,
    length: 48,
  },
  { name: "T03 k2 s2", weight: [2, 3, 2], attributes: { strides: [2] }, delay: 0, history: 0, length: 24 },
  {
    name: "T03 k2 s2 after a delay",
    weight: [2, 3, 2],
    attributes: { strides: [2] },
    ahead: 1,
    delay: 2,
    history: 0,
    length: 22,
  },
  { name: "T04 k1 s3", weight: [2, 3, 1], attributes: { strides: [3] }, delay: 0, history: 0, length: 34 },
  {
    name: "T04 k2 s5 pads(1,0)",
    weight: [2, 3, 2],
    attributes: { strides: [5], pads: [1, 0] },
    delay: 1,
    history: 0,
    length: 56,
  },
  {
    name: "T05 k4 s2 after a delay of 1",
    weight: [2, 3, 4],
    attributes: { strides: [2] },
    ahead: 1,
    delay: 2,
    history: 1,
    length: 24,
  },
  {
    name: "T06 dilated k3 s2",
    weight: [2, 3, 3],
    attributes: { strides: [2], dilations: [2], pads: [1, 1] },
    delay: 1,
    history: 2,
    length: 25,
  },
  {
    name: "T07 output_padding",
    weight: [2, 3, 3],
    attributes: { strides: [2], pads: [1, 1], output_padding: [1] },
    delay: 1,
    history: 1,
    length: 24,
  },
  {
    name: "T08 depthwise",
    weight: [2, 1, 5],
    attributes: { strides: [2], group: 2 },
    delay: 0,
    history: 2,
    length: 27,
  },
  {
    name: "T08 two groups",
    weight: [4, 2, 4],
    attributes: { strides: [2], group: 2 },
    delay: 0,
    history: 1,
    length: 26,
    shape: [1, 4, "T"],
  },
  {
    name: "T01 output carried: many channels into one, k8 s2",
    weight: [16, 1, 8],
    attributes: { strides: [2] },
    delay: 0,
    history: 6,
    length: 30,
    shape: [1, 16, "T"],
  },
  {
    name: "T01 output carried, cropped at both ends, dilated",
    weight: [32, 1, 4],
    attributes: { strides: [2], dilations: [2], pads: [2, 1] },
    delay: 2,
    history: 5,
    length: 26,
    shape: [1, 32, "T"],
  },
  {
    name: "T09 crop at the end",
    weight: [2, 3, 6],
    attributes: { strides: [2], pads: [0, 4] },
    delay: 0,
    history: 2,
    length: 24,
  },
  {
    name: "T71 SAME_LOWER",
    weight: [2, 3, 5],
    attributes: { strides: [2], auto_pad: "SAME_LOWER" },
    delay: 2,
    history: 2,
    length: 24,
  },
  {
    name: "k3 s1, time on axis 2 of a picture, frequency strided and padded",
    weight: [2, 3, 3, 4],
    attributes: { strides: [1, 2], pads: [2, 1, 0, 1], output_padding: [0, 1] },
    delay: 2,
    history: 2,
    length: 12,
    shape: [1, 2, "T", 5],
  },
  {
    name: "k4 s2, time on the last axis of a picture",
    weight: [2, 3, 3, 4],
    attributes: { strides: [2, 2], pads: [1, 1, 1, 1] },
    delay: 1,
    history: 1,
    length: 24,
    shape: [1, 2, 5, "T"],
    axis: 3,
  },
];

const FRAMES = 12;

function modelOf({ weight, attributes, ahead = 0, shape = [1, 2, "T"] }: Case): Model {
  const g = new GraphSketch();
  const x = g.input("x", shape);
  const late = ahead > 0 ? g.conv(x, [2, 2, ahead + 1]) : x;
  const w = g.constant("w", integers(3, weight, 2));
  const group = typeof attributes.group === "number" ? attributes.group : 1;
  const b = g.constant("b", integers(4, [(weight[1] ?? 1) * group], 3));
  return g.model([g.op("ConvTranspose", [late, w, b], attributes, "y")]);
}

describe("ConvTranspose along time", () => {
  test.each(CASES)("$name", async (c) => {
    const { shape = [1, 2, "T"], axis = 2 } = c;
    const model = modelOf(c);
    const derived = analyse(model, { x: axis });
    expect(derived.refusals).toEqual([]);
    expect(derived.facts.get("y")).toMatchObject({ kind: "stream", axis, delay: c.delay });
    const dims = shape.map((d) => (d === "T" ? FRAMES : Number(d)));
    const x = integers(7, dims, 3);
    for (const chunk of [1, 2, 3, 6]) {
      const analysis = withWarmUp(derived, chunk);
      const { model: streaming } = toStreaming(model, analysis, { chunk });
      const module = must(streaming.modules[0]);
      const histories = module.caches.filter((k) => k.value !== "x" || !c.ahead).map((k) => k.frames);
      if (chunk === 1) expect(histories).toEqual(c.history > 0 ? [c.history] : []);
      const steps = FRAMES / chunk;
      const [worst] = await parity(model, analysis, streaming, { x }, { chunk, steps });
      expect(worst?.maxAbs).toBe(0);
      const rate = must(streaming.outputs[0]).framesPerStep / chunk;
      expect(worst?.frames).toBe(Math.min(c.length, FRAMES * rate - must(streaming.outputs[0]).delay));
    }
  });

  test.each([
    ["as much as is cropped", [2, 1], [4, 2], 0],
    ["more than is cropped stays a Pad", [3, 0], [4, 0], 4],
  ])("padding in front that spreads over cropped frames: %s", async (name, around, pads, delay) => {
    const g = new GraphSketch();
    const x = g.input("x", [1, 2, "T"]);
    const padded = g.op("Pad", [x, g.longs([0, 0, around[0] ?? 0, 0, 0, around[1] ?? 0])]);
    const w = g.constant("w", integers(3, [2, 2, 6], 2));
    const b = g.constant("b", integers(4, [2], 3));
    const model = g.model([g.op("ConvTranspose", [padded, w, b], { strides: [2], pads }, "y")]);
    const { model: plain } = normalize(model);
    expect(plain.graph.nodes.some((n) => n.op === "Pad")).toBe(name.includes("stays"));
    const analysis = analyse(plain, { x: 2 });
    const { model: streaming } = toStreaming(plain, analysis, { chunk: 2 });
    expect(must(streaming.outputs[0]).delay).toBe(delay);
    const feeds = { x: integers(7, [1, 2, FRAMES], 3) };
    const [worst] = await parity(model, analysis, streaming, feeds, { chunk: 2, steps: 6 });
    expect(worst?.maxAbs).toBe(0);
    expect(worst?.frames).toBe(24 - delay);
  });

  test("a lost history and a forgotten bias are noticed", async () => {
    const c = must(CASES[0]);
    const model = modelOf(c);
    const analysis = analyse(model, { x: 2 });
    const { model: streaming } = toStreaming(model, analysis, { chunk: 2 });
    const run = async (mutant: typeof streaming, corrupt?: (caches: Map<string, Tensor>) => void) => {
      const x = integers(7, [1, 2, FRAMES], 3);
      const [worst] = await parity(model, analysis, mutant, { x }, { chunk: 2, steps: 6 }, corrupt);
      return worst?.maxAbs ?? 0;
    };
    const clear = (caches: Map<string, Tensor>): void => {
      for (const [name, t] of caches) caches.set(name, { ...t, bytes: new Uint8Array(t.bytes.length) });
    };
    expect(await run(streaming, clear)).toBeGreaterThan(0);
    const [module] = streaming.modules;
    const bias = must(model.graph.initializers.get("b"));
    const unbiased = new Map([
      ...must(module).graph.initializers,
      ["b", { ...bias, bytes: new Uint8Array(12) }],
    ]);
    const graph = { ...must(module).graph, initializers: unbiased };
    expect(await run({ ...streaming, modules: [{ ...must(module), graph }] })).toBeGreaterThan(0);
    expect(floats(bias).some((v) => v !== 0)).toBe(true);
  });
});
