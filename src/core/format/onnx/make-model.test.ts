import { expect, test } from "vitest";
import { createRuntime } from "../../../runtime/ort.ts";
import { StudioError } from "../../base/problem.ts";
import { makeNode } from "../../ir/graph.ts";
import { floats, floatTensor } from "../../ir/tensor.ts";
import { decodeModel } from "./decode-model.ts";
import { encodeModel } from "./encode-model.ts";
import { irVersionOf, makeModel } from "./make-model.ts";

const graph = {
  name: "twice",
  inputs: [{ name: "x", dtype: "float32", shape: ["N", 2] }],
  outputs: [{ name: "y", dtype: "float32", shape: ["N", 2] }],
  initializers: new Map([["two", floatTensor([2], [])]]),
  nodes: [makeNode("Mul", ["x", "two"], ["y"])],
  values: new Map(),
} as const;

test("a model of Rill's own comes back as it was, and runs", async () => {
  const model = makeModel(graph, { opset: 18, metadata: new Map([["key", "值"]]) });
  const bytes = encodeModel(model);
  expect(decodeModel(bytes)).toEqual(model);
  expect(encodeModel(model)).toEqual(bytes);

  const session = await createRuntime().open(bytes);
  const { y } = await session.run({ x: floatTensor([1, 2, 3, 4], [2, 2]) });
  expect(y && [...floats(y)]).toEqual([2, 4, 6, 8]);
});

test("the IR version is the one of the opset's release, from onnx.helper.VERSION_TABLE", () => {
  const pairs = [7, 9, 10, 11, 13, 15, 18, 20, 21, 22, 23, 24, 27, 28].map((opset) => irVersionOf(opset));
  expect(pairs).toEqual([4, 4, 5, 6, 7, 8, 8, 9, 10, 10, 11, 12, 13, 14]);
  expect(() => irVersionOf(29)).toThrow(StudioError);
});
