import { describe, expect, test } from "vitest";
import { GraphSketch, integers, must, runGraph } from "../../../test/stream-lab.ts";
import type { Model } from "../ir/graph.ts";
import { floats, longTensor } from "../ir/tensor.ts";
import { identityGather } from "./identity-gather.ts";
import { normalize, runPass } from "./pipeline.ts";

const at = (g: GraphSketch, name: string, values: readonly number[], dims: readonly number[]) =>
  g.constant(name, longTensor(values, dims));

/** Unfold of [1, 2, T] by a window of 1, as exporters write it for a symbolic T. */
function computed(offset: number): Model {
  const g = new GraphSketch();
  const x = g.input("x", [1, 2, "T"]);
  const length = g.op("Gather", [g.op("Shape", [x]), at(g, "two", [2], [])]);
  const range = g.op("Range", [at(g, "zero", [0], []), length, at(g, "one", [1], [])]);
  const blocks = g.op("Unsqueeze", [range, g.longs([0])]);
  const indices = g.op("Add", [blocks, at(g, "offset", [offset], [1, 1])]);
  return g.model([g.op("Gather", [x, indices], { axis: 2 }, "y")]);
}

function constant(values: readonly number[]): Model {
  const g = new GraphSketch();
  const x = g.input("x", [1, 2, 4]);
  return g.model([g.op("Gather", [x, at(g, "at", values, [1, values.length])], { axis: 2 }, "y")]);
}

const ops = (model: Model | undefined) => model?.graph.nodes.map((n) => n.op);

describe("identity-gather", () => {
  test.each([
    ["counted from a symbolic length", computed(0)],
    ["constant", constant([0, 1, 2, 3])],
  ])("%s", async (_, model) => {
    const { model: plain } = normalize(model);
    expect(ops(plain)).toEqual(["Unsqueeze"]);
    const feeds = { x: integers(1, [1, 2, 4], 9) };
    const [before, after] = [
      await runGraph(model, model.graph, feeds),
      await runGraph(plain, plain.graph, feeds),
    ];
    expect(must(after.y).dims).toEqual([1, 2, 1, 4]);
    expect(floats(must(after.y))).toEqual(floats(must(before.y)));
  });

  test("another order, fewer entries or a shift stay", () => {
    for (const model of [constant([0, 2, 1, 3]), constant([0, 1, 2]), computed(1)])
      expect(runPass(identityGather, model)).toBeUndefined();
  });
});
