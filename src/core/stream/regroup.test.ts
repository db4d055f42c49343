import { describe, expect, test } from "vitest";
import { analyse, GraphSketch, integers, must, parity } from "../../../test/stream-lab.ts";
import type { Model } from "../ir/graph.ts";
import { floatTensor, longTensor } from "../ir/tensor.ts";
import { toStreaming } from "./streaming-model.ts";

/* Operators that change how many frames there are, without a window. Whole numbers: bit for bit. */

interface Case {
  readonly name: string;
  readonly build: (g: GraphSketch, x: string) => string;
  readonly shape?: readonly (number | "T")[];
  readonly axis?: number;
  /** Frames by which the input is delayed, by a convolution that looks ahead. */
  readonly ahead?: number;
  readonly minimalChunk: number;
  readonly delay: number;
}

const FRAMES = 36;
const FAR = 2 ** 31;
const scales = (g: GraphSketch, values: readonly number[]) =>
  g.constant("scales", floatTensor(values, [values.length]));

const CASES: readonly Case[] = [
  {
    name: "T41 two frames become one, after a delay of 1",
    build: (g, x) => {
      const frames = g.op("Transpose", [x], { perm: [0, 2, 1] });
      return g.op("Reshape", [frames, g.longs([1, -1, 4])]);
    },
    ahead: 1,
    minimalChunk: 2,
    delay: 1,
  },
  {
    name: "one frame becomes two, after a delay of 1",
    build: (g, x) => {
      const frames = g.op("Transpose", [x], { perm: [0, 2, 1] });
      return g.op("Reshape", [frames, g.longs([1, -1, 1])]);
    },
    ahead: 1,
    minimalChunk: 1,
    delay: 2,
  },
  {
    name: "T43 DepthToSpace ×3 after a delay of 2",
    build: (g, x) => g.op("DepthToSpace", [x], { blocksize: 3 }),
    shape: [1, 18, "T", 2],
    axis: 2,
    ahead: 2,
    minimalChunk: 1,
    delay: 6,
  },
  {
    name: "SpaceToDepth ×2, time last",
    build: (g, x) => g.op("SpaceToDepth", [x], { blocksize: 2 }),
    shape: [1, 2, 4, "T"],
    axis: 3,
    minimalChunk: 2,
    delay: 0,
  },
  {
    name: "T75 Resize nearest ×2, asymmetric and floor",
    build: (g, x) =>
      g.op("Resize", [x, "", scales(g, [1, 1, 2])], {
        mode: "nearest",
        coordinate_transformation_mode: "asymmetric",
        nearest_mode: "floor",
      }),
    ahead: 1,
    minimalChunk: 1,
    delay: 2,
  },
  {
    name: "Resize nearest ×3 with half pixels",
    build: (g, x) => g.op("Resize", [x, "", scales(g, [1, 1, 3])], { mode: "nearest" }),
    minimalChunk: 1,
    delay: 0,
  },
  {
    name: "Resize nearest to a size that is computed",
    build: (g, x) => {
      const length = g.op("Gather", [g.op("Shape", [x]), g.constant("two", longTensor([2]))]);
      const twice = g.op("Mul", [length, g.longs([2])]);
      const sizes = g.op("Concat", [g.longs([1, 2]), twice], { axis: 0 });
      return g.op("Resize", [x, "", "", sizes], { mode: "nearest" });
    },
    minimalChunk: 1,
    delay: 0,
  },
  {
    name: "T36 every second frame, after a delay of 1",
    build: (g, x) => everyFrame(g, x, 0, FAR, 2),
    ahead: 1,
    minimalChunk: 2,
    delay: 0,
  },
  {
    name: "every third frame from the fifth, but for the last two",
    build: (g, x) => everyFrame(g, x, 4, -2, 3),
    minimalChunk: 3,
    delay: 1,
  },
  {
    name: "every second frame of some channels",
    build: (g, x) => g.op("Slice", [x, g.longs([1, 1]), g.longs([2, FAR]), g.longs([1, 2]), g.longs([1, 2])]),
    minimalChunk: 2,
    delay: 0,
  },
  {
    name: "T35 all but the last two frames",
    build: (g, x) => everyFrame(g, x, 0, -2, 1),
    minimalChunk: 1,
    delay: 0,
  },
];

function everyFrame(g: GraphSketch, x: string, start: number, end: number, step: number): string {
  return g.op("Slice", [x, g.longs([start]), g.longs([end]), g.longs([2]), g.longs([step])]);
}

function modelOf({ build, shape = [1, 2, "T"], axis = 2, ahead = 0 }: Case): Model {
  const g = new GraphSketch();
  const x = g.input("x", shape);
  const channels = Number(shape[1]);
  const kernel = shape.slice(2).map((_, i) => (i === axis - 2 ? ahead + 1 : 1));
  const pads = [...kernel.map(() => 0), ...kernel.map((k) => k - 1)];
  return g.model([build(g, ahead > 0 ? g.conv(x, [channels, channels, ...kernel], { pads }) : x)]);
}

describe("regrouped frames", () => {
  test.each(CASES)("$name", async (c) => {
    const { shape = [1, 2, "T"], axis = 2 } = c;
    const model = modelOf(c);
    const analysis = analyse(model, { x: axis });
    expect(analysis.refusals).toEqual([]);
    expect(analysis.minimalChunk).toBe(c.minimalChunk);
    const x = integers(
      5,
      shape.map((d) => (d === "T" ? FRAMES : d)),
      3,
    );
    for (const times of [1, 2, 3]) {
      const chunk = times * c.minimalChunk;
      const { model: streaming } = toStreaming(model, analysis, { chunk });
      const [output] = streaming.outputs;
      expect(output?.delay).toBe(c.delay);
      const [worst] = await parity(model, analysis, streaming, { x }, { chunk, steps: FRAMES / chunk });
      expect(worst?.maxAbs).toBe(0);
      const whole = (FRAMES / chunk) * must(output).framesPerStep - c.delay;
      expect(worst?.frames).toBeGreaterThanOrEqual(whole - 2);
      expect(worst?.frames).toBeLessThanOrEqual(whole);
    }
  });

  test("T42 a chunk that splits a group names the smallest that does not", () => {
    const model = modelOf(must(CASES[0]));
    const analysis = analyse(model, { x: 2 });
    expect(() => toStreaming(model, analysis, { chunk: 3 })).toThrowError(
      expect.objectContaining({ problem: { code: "stream.chunkMultiple", chunk: 3, minimalChunk: 2 } }),
    );
  });

  test.each([
    ["rounding to the next frame", { coordinate_transformation_mode: "asymmetric" }, "unknownOp"],
    ["cubic interpolation", { mode: "cubic" }, "unknownOp"],
  ])("%s is refused", (_, attributes, reason) => {
    const g = new GraphSketch();
    const x = g.input("x", [1, 2, "T"]);
    const { refusals } = analyse(g.model([g.op("Resize", [x, "", scales(g, [1, 1, 2])], attributes)]), {
      x: 2,
    });
    expect(refusals.map((r) => r.problem)).toEqual([expect.objectContaining({ op: "Resize", reason })]);
  });
});
