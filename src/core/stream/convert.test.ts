import { describe, expect, test } from "vitest";
import { analyse, GraphSketch, integers, parity } from "../../../test/stream-lab.ts";
import { partition } from "./partition.ts";

describe("convert", () => {
  test("causal chain with dilations and a residual", async () => {
    const g = new GraphSketch();
    const x = g.input("x", [1, 2, "T"]);
    const a = g.conv(x, [2, 2, 3], { pads: [2, 0] });
    const b = g.conv(g.op("Relu", [a]), [2, 2, 3], { pads: [8, 0], dilations: [4] });
    const model = g.model([g.op("Add", [b, x])]);
    const analysis = analyse(model, { x: 2 });
    expect(analysis.refusals).toEqual([]);
    for (const chunk of [1, 2, 3]) {
      const streaming = partition(model, analysis, { chunk });
      const feeds = { x: integers(7, [1, 2, 12 * chunk], 3) };
      const [worst] = await parity(model, analysis, streaming, feeds, { chunk, steps: 12 });
      expect(worst).toMatchObject({ maxAbs: 0, frames: 12 * chunk });
    }
  });
});
