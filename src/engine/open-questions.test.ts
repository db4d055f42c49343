import { expect, test } from "vitest";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { makeModel } from "../core/format/onnx/make-model.ts";
import { makeNode, type Node } from "../core/ir/graph.ts";
import { analyse } from "./analyse.ts";
import { analysisReport } from "./analysis-report.ts";
import { openModel } from "./open-model.ts";
import { summarize } from "./summarize.ts";

/** A model from x to y, at whatever shape. */
function opened(shape: readonly (number | string)[], nodes: readonly Node[]) {
  const inputs = [{ name: "x", dtype: "float32", shape }] as const;
  const outputs = [{ name: "y", dtype: "float32", shape }] as const;
  const graph = { name: "g", inputs, outputs, nodes, initializers: new Map(), values: new Map() };
  return openModel([{ name: "m.onnx", bytes: encodeModel(makeModel(graph, { opset: 17 })) }]);
}

test("an operator that nobody knows is named once, with the number of its places", () => {
  const model = opened(
    [1, 4, "T"],
    [
      makeNode("Foo", ["x"], ["a"]),
      makeNode("Relu", ["a"], ["b"]),
      makeNode("Foo", ["b"], ["c"]),
      makeNode("Add", ["c", "a"], ["y"]),
    ],
  );
  expect(summarize(model).findings.map(({ problem }) => problem)).toEqual([
    { code: "model.opUnknown", op: "Foo", node: "a", count: 2 },
  ]);
});

test("a size that the model leaves open is told, but for time and the batch", () => {
  const model = opened(["N", "C", "T"], [makeNode("Relu", ["x"], ["y"])]);
  expect(analysisReport(analyse(model, { x: 2 })).findings.map(({ problem }) => problem)).toEqual([
    { code: "stream.sizeAssumed", input: "x", axis: 1, symbol: "C" },
  ]);
  expect(analysisReport(analyse(opened([1, 4, "T"], model.original.graph.nodes), { x: 2 })).findings).toEqual(
    [],
  );
});
