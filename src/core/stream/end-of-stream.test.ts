import { describe, expect, test } from "vitest";
import { flushed } from "../../../test/check-graph.ts";
import { analyse, GraphSketch, integers, runGraph } from "../../../test/stream-lab.ts";
import type { Model } from "../ir/graph.ts";
import { floatTensor } from "../ir/tensor.ts";
import type { WarmUpChoice } from "../plan/plan.ts";
import { REMAINING } from "./end-position.ts";
import { toStreaming } from "./streaming-model.ts";

function modelOf(build: (g: GraphSketch) => string): Model {
  const g = new GraphSketch(2);
  g.input("x", [1, 2, "T"]);
  return g.model([build(g)]);
}

const same = (g: GraphSketch, x: string) => g.conv(x, [2, 2, 3], { pads: [1, 1] });
const deep = modelOf((g) => g.op("Add", [same(g, same(g, same(g, "x"))), "x"]));
const strided = modelOf((g) => same(g, g.conv(same(g, "x"), [2, 2, 4], { pads: [1, 2], strides: [2] })));

/** Whether every frame of offline comes out, over a clip of this many frames followed by NaN. */
async function comesOut(
  model: Model,
  frames: number,
  { chunk = 1, warmUp, late = 0 }: { chunk?: number; warmUp: WarmUpChoice; late?: number },
): Promise<boolean> {
  const streaming = toStreaming(model, analyse(model, { x: 2 }), { chunk, warmUp, end: "exact" });
  const x = integers(frames, [1, 2, frames], 3);
  const offline = await runGraph(model, model.graph, { x });
  const [worst] = await flushed(model, streaming, x, offline, late);
  return worst?.maxAbs === 0;
}

describe("end of stream", () => {
  for (const warmUp of ["hold", "mask"] as const) {
    test(`T83 any length, shorter than a history or no multiple of the chunk: ${warmUp}`, async () => {
      for (const frames of [1, 2, 3, 5, 8, 13]) expect(await comesOut(deep, frames, { warmUp })).toBe(true);
      for (const frames of [1, 2, 3, 4, 5, 6, 7, 11])
        expect(await comesOut(deep, frames, { chunk: 4, warmUp })).toBe(true);
      for (const chunk of [2, 6])
        for (const frames of [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
          expect(await comesOut(strided, frames, { chunk, warmUp })).toBe(true);
    });

    test(`T84 the end must come with the last chunk: ${warmUp}`, async () => {
      expect(await comesOut(deep, 6, { chunk: 4, warmUp })).toBe(true);
      expect(await comesOut(deep, 6, { chunk: 4, warmUp, late: 1 })).toBe(false);
    });
  }

  test("T09 a transposed convolution that is cropped at the end, and one that is longer than its input", async () => {
    const up = (pads: number[], extra: number) =>
      modelOf((g) => {
        const weight = g.constant("w", integers(1, [2, 2, 6], 2));
        const attributes = { strides: [2], pads, output_padding: [extra] };
        return g.op(
          "ConvTranspose",
          [same(g, "x"), weight, g.constant("b", floatTensor([1, 2], [2]))],
          attributes,
        );
      });
    for (const model of [up([0, 4], 0), up([1, 0], 1), up([2, 2], 0)])
      for (const frames of [1, 4, 7])
        expect(await comesOut(model, frames, { chunk: 2, warmUp: "mask" })).toBe(true);
  });

  test("padding behind the end with another value than zero", async () => {
    const model = modelOf((g) => {
      const seven = g.constant("seven", floatTensor([7], []));
      const padded = g.op("Pad", [same(g, "x"), g.longs([0, 0, 0, 0, 0, 2]), seven]);
      return g.conv(g.op("Relu", [padded]), [2, 2, 3]);
    });
    for (const frames of [1, 4, 7]) expect(await comesOut(model, frames, { warmUp: "mask" })).toBe(true);
  });

  test("nothing is asked of the host where no window reads behind the end", () => {
    const causal = modelOf((g) => g.conv("x", [2, 2, 3], { pads: [2, 0] }));
    const named = (model: Model) =>
      toStreaming(model, analyse(model, { x: 2 }), { chunk: 1, end: "exact" }).model.modules.flatMap((m) =>
        m.caches.map((c) => c.input),
      );
    expect(named(causal)).not.toContain(REMAINING);
    expect(named(deep)).toContain(REMAINING);
  });
});
