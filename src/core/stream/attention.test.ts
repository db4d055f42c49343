import { describe, expect, test } from "vitest";
import { attend, distances, type MaskLaw, positions } from "../../../test/attention-sketch.ts";
import { flushed, poisonOf } from "../../../test/check-graph.ts";
import { analyse, GraphSketch, integers, parity, runGraph } from "../../../test/stream-lab.ts";
import type { Model } from "../ir/graph.ts";
import { toStreaming } from "./streaming-model.ts";

/* Offline sums T terms in a softmax row and streaming those of the band: float32 rounds the two orders apart. */
const ROUNDING = 1e-5;
const FRAMES = 48;

function modelOf(build: (g: GraphSketch) => string, frames: number | string = "T"): Model {
  const g = new GraphSketch(5);
  g.input("x", [1, 2, frames]);
  return g.model([build(g)]);
}

/** Every frame, at this chunk, with histories of NaN wherever nothing may be read; and again to the end of the stream. */
async function equals(model: Model, chunk: number): Promise<void> {
  const neutral = analyse(model, { x: 2 });
  expect(neutral.refusals).toEqual([]);
  const made = toStreaming(model, neutral, { chunk });
  const x = integers(7, [1, 2, FRAMES], 3);
  const poison = poisonOf(made.analysis, made.model.modules, chunk);
  const run = { chunk, steps: FRAMES / chunk };
  for (const difference of await parity(model, made.analysis, made.model, { x }, run, poison)) {
    expect(difference.relative).toBeLessThan(ROUNDING);
    expect(difference.frames).toBeGreaterThan(FRAMES - 12);
  }
  const exact = toStreaming(model, neutral, { chunk, end: "exact" });
  for (const difference of await flushed(model, exact, x, await runGraph(model, model.graph, { x })))
    expect(difference.relative).toBeLessThan(ROUNDING);
}

const delayOf = (model: Model): number | undefined => {
  const { facts, graph } = analyse(model, { x: 2 });
  const fact = facts.get(graph.outputs[0]?.name ?? "");
  return fact?.kind === "stream" ? fact.delay : undefined;
};

describe("attention", () => {
  const causal: MaskLaw = { left: 8, right: 0 };
  test.each([1, 2, 4])("T64 causal with 8 frames of left context, chunk %i", async (chunk) => {
    const model = modelOf((g) => attend(g, "x", causal));
    expect(delayOf(model)).toBe(0);
    await equals(model, chunk);
  });

  test("T64 keys and values of 8 frames are kept, no more", () => {
    const model = modelOf((g) => attend(g, "x", causal));
    const { modules } = toStreaming(model, analyse(model, { x: 2 }), { chunk: 1 }).model;
    const windows = modules.flatMap((m) => m.caches.filter((c) => c.kind === "window"));
    expect(windows.map((c) => c.frames)).toEqual([8, 8]);
  });

  test.each([1, 2, 4])("T66 three layers that look 2 frames ahead, chunk %i", async (chunk) => {
    const layer = (g: GraphSketch, x: string) => attend(g, x, { left: 3, right: 2 });
    const model = modelOf((g) => layer(g, layer(g, layer(g, "x"))));
    expect(delayOf(model)).toBe(6);
    await equals(model, chunk);
  });

  describe("T67 attention limited to chunks of 4", () => {
    const reads = (i: number, j: number): boolean => Math.floor(i / 4) === Math.floor(j / 4);
    const model = modelOf((g) => attend(g, "x", { table: { frames: FRAMES, reads } }), FRAMES);
    test.each([4, 8])("exact at chunk %i", (chunk) => equals(model, chunk));
    test.each([1, 2, 6])("refused at chunk %i, naming the chunk", (chunk) => {
      const analysis = analyse(model, { x: 2 });
      expect(analysis.minimalChunk).toBe(4);
      const problem = { code: "stream.chunkMultiple", chunk, minimalChunk: 4 };
      expect(() => toStreaming(model, analysis, { chunk })).toThrowError(
        expect.objectContaining({ problem: expect.objectContaining(problem) }),
      );
    });
  });

  describe("T68 positions", () => {
    const table = (g: GraphSketch, seed: number, frames: number) =>
      g.constant(`table${g.size}`, integers(seed, [frames, 2], 2));
    /** Queries and keys times a number of their position, which is a lookup of its index. */
    const rotated = (g: GraphSketch, part: string): string =>
      g.op("Mul", [part, g.op("Gather", [table(g, 9, 512), positions(g, "x")])]);
    test.each([1, 2, 4])("rotations by position, chunk %i", async (chunk) => {
      const model = modelOf((g) => attend(g, "x", causal, { rotate: rotated }));
      expect(analyse(model, { x: 2 }).limits.map((l) => l.frames)).toEqual([512, 512]);
      await equals(model, chunk);
    });

    test.each([1, 2, 4])("rotations computed from a counter, chunk %i", async (chunk) => {
      const turn = (g: GraphSketch, part: string): string => {
        const at = g.op("Cast", [positions(g, "x")], { to: 1 });
        return g.op("Mul", [part, g.op("Cos", [g.op("Unsqueeze", [at, g.longs([1])])])]);
      };
      const model = modelOf((g) => attend(g, "x", causal, { rotate: turn }));
      expect(analyse(model, { x: 2 }).limits).toEqual([]);
      await equals(model, chunk);
    });

    test.each([1, 2, 4])("a bias by distance is a constant of the band, chunk %i", async (chunk) => {
      const bias = (g: GraphSketch): string => {
        const far = g.op("Cast", [distances(g, "x")], { to: 1 });
        const slope = g.constant(`slope${g.size}`, { ...integers(3, [1], 3), dims: [] });
        return g.op("Mul", [far, slope]);
      };
      await equals(
        modelOf((g) => attend(g, "x", causal, { bias })),
        chunk,
      );
    });
  });

  test("without a mask every frame reads every other: refused", () => {
    const [refusal] = analyse(
      modelOf((g) => attend(g, "x", {})),
      { x: 2 },
    ).refusals;
    expect(refusal?.problem).toMatchObject({ code: "stream.refused", reason: "fullAttention" });
  });
});
