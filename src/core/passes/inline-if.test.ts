import { describe, expect, test } from "vitest";
import { GraphSketch, integers, must, runGraph } from "../../../test/stream-lab.ts";
import type { Graph, Model } from "../ir/graph.ts";
import { makeNode } from "../ir/graph.ts";
import { floats, floatTensor, type Tensor } from "../ir/tensor.ts";
import { inlineIf } from "./inline-if.ts";
import { normalize, runPass } from "./pipeline.ts";

/** relu(x) + c, or x itself: the branches read x from outside and use names of their own. */
function branch(kind: "then" | "else"): Graph {
  const nodes =
    kind === "then"
      ? [makeNode("Relu", ["x"], ["inner"]), makeNode("Add", ["inner", "c"], ["out"])]
      : [makeNode("Identity", ["x"], ["out"])];
  return {
    name: kind,
    inputs: [],
    outputs: [{ name: "out", dtype: "float32" }],
    initializers: new Map(kind === "then" ? [["c", floatTensor([0.5], [1])]] : []),
    nodes,
    values: new Map(),
  };
}

function modelOf(conditions: readonly boolean[]): Model {
  const g = new GraphSketch();
  const x = g.input("x", [1, "T"]);
  const sums = conditions.map((condition, i) => {
    const value: Tensor = { dtype: "bool", dims: [], bytes: Uint8Array.of(condition ? 1 : 0) };
    g.constant(`condition${i}`, value);
    return g.branches(`condition${i}`, branch("then"), branch("else"), `y${i}`);
  });
  return g.model([...sums, g.op("Neg", [x])]);
}

describe("inline-if", () => {
  test.each([[[true]], [[false]], [[true, false, true]]])("conditions %s", async (conditions) => {
    const model = modelOf(conditions);
    const { model: plain } = normalize(model);
    expect(plain.graph.nodes.some((n) => n.op === "If")).toBe(false);
    const feeds = { x: integers(1, [1, 6], 5) };
    const [before, after] = [
      await runGraph(model, model.graph, feeds),
      await runGraph(plain, plain.graph, feeds),
    ];
    for (const { name } of model.graph.outputs)
      expect(floats(must(after[name]))).toEqual(floats(must(before[name])));
  });

  test("a condition that is an input stays", () => {
    const g = new GraphSketch();
    g.input("x", [1, "T"]);
    g.input("condition", []);
    const model = g.model([g.branches("condition", branch("then"), branch("else"), "y")]);
    expect(runPass(inlineIf, model)).toBeUndefined();
  });
});
