import { describe, expect, test } from "vitest";
import { GraphSketch } from "../../../test/stream-lab.ts";
import type { Model } from "../ir/graph.ts";
import { floatTensor, type Tensor } from "../ir/tensor.ts";
import { dropZeroStates } from "./drop-zero-states.ts";
import { runPass } from "./pipeline.ts";

function modelOf(state: (g: GraphSketch, x: string) => string): Model {
  const g = new GraphSketch();
  const x = g.input("x", ["T", "batch", 2]);
  const constant = (name: string, dims: readonly number[], value: number): string =>
    g.constant(name, filled(dims, value));
  const inputs = [x, constant("w", [1, 3, 2], 1), constant("r", [1, 3, 3], 1), "", "", state(g, x)];
  g.node("RNN", inputs, ["y"], { hidden_size: 3 });
  return g.model(["y"]);
}

function filled(dims: readonly number[], value: number): Tensor {
  return floatTensor(new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(value), dims);
}

const inputsAfter = (model: Model) =>
  runPass(dropZeroStates, model)?.model.graph.nodes.find((n) => n.op === "RNN")?.inputs;

describe("drop-zero-states", () => {
  test("a constant of zeros goes", () => {
    expect(inputsAfter(modelOf((g) => g.constant("h", filled([1, 4, 3], 0))))).toEqual(["x", "w", "r"]);
  });

  test("zeros of a computed size go", () => {
    const zeros = (g: GraphSketch, x: string): string => {
      const batch = g.op("Gather", [g.op("Shape", [x]), g.longs([1])]);
      const dims = g.op("Concat", [g.longs([1]), batch, g.longs([3])], { axis: 0 });
      return g.op("Expand", [g.constant("zero", filled([1, 1, 1], 0)), dims]);
    };
    expect(inputsAfter(modelOf(zeros))).toEqual(["x", "w", "r"]);
  });

  test("anything else stays", () => {
    expect(inputsAfter(modelOf((g) => g.constant("h", filled([1, 4, 3], 0.5))))).toBeUndefined();
    expect(inputsAfter(modelOf((g) => g.input("h", [1, "batch", 3])))).toBeUndefined();
  });
});
