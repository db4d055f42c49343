import { expect, test } from "vitest";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { makeModel } from "../core/format/onnx/make-model.ts";
import { makeNode } from "../core/ir/graph.ts";
import { analyse } from "./analyse.ts";
import { openModel } from "./open-model.ts";

/** Streams along either of its last two axes. */
function opened() {
  const inputs = [{ name: "x", dtype: "float32", shape: [1, 4, "T"] }] as const;
  const outputs = [{ name: "y", dtype: "float32", shape: [1, 4, "T"] }] as const;
  const nodes = [makeNode("Relu", ["x"], ["a"]), makeNode("Sigmoid", ["a"], ["y"])];
  const graph = { name: "g", inputs, outputs, nodes, initializers: new Map(), values: new Map() };
  return openModel([{ name: "m.onnx", bytes: encodeModel(makeModel(graph, { opset: 17 })) }]);
}

test("the same question about the same model is answered once", () => {
  const model = opened();
  const first = analyse(model, { x: 2 });
  expect(analyse(model, { x: 2 }, {}, {})).toBe(first);
});

test("another question, and another model, is answered as if nothing had been asked before", () => {
  const model = opened();
  const answers = [{ x: 2 }, { x: 1 }, undefined, { x: 2 }].map((axes) => analyse(model, axes));
  for (const [i, axes] of [{ x: 2 }, { x: 1 }, undefined, { x: 2 }].entries()) {
    const fresh = analyse(opened(), axes);
    expect(answers[i]?.candidates).toEqual(fresh.candidates);
    expect(answers[i]?.stream.axes).toEqual(fresh.stream.axes);
    expect(answers[i]?.stream.facts).toEqual(fresh.stream.facts);
  }
  expect(analyse(opened(), { x: 2 })).not.toBe(answers[3]);
});
