import { expect, test } from "vitest";
import { decodeNpy } from "../core/format/npy/decode-npy.ts";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { makeModel } from "../core/format/onnx/make-model.ts";
import { makeNode } from "../core/ir/graph.ts";
import { floats, floatTensor, type Tensor, tensorOf } from "../core/ir/tensor.ts";
import { inspectTensor } from "./inspect-tensor.ts";
import { openModel } from "./open-model.ts";

function opened(w: Tensor) {
  const graph = {
    name: "g",
    inputs: [{ name: "x", dtype: w.dtype, shape: [2, 3] }],
    outputs: [{ name: "y", dtype: w.dtype, shape: [2, 3] }],
    initializers: new Map([["w", w]]),
    nodes: [makeNode("Mul", ["x", "w"], ["y"])],
    values: new Map(),
  };
  return openModel([{ name: "m.onnx", bytes: encodeModel(makeModel(graph, { opset: 18 })) }]);
}

test("statistics, ranges per channel and the very same bytes for NumPy", () => {
  const values = [-1, 0, 0, 2, 3, Number.POSITIVE_INFINITY];
  const report = inspectTensor(opened(floatTensor(values, [2, 3])), "w");
  expect(report?.numbers).toMatchObject({ min: -1, max: 3, mean: 0.8, zeros: 1 / 3, notFinite: 1 });
  expect(report?.numbers?.histogram.reduce((a, b) => a + b)).toBe(5);
  expect(report?.numbers?.channels).toEqual([
    [-1, 0],
    [2, Number.POSITIVE_INFINITY],
  ]);
  expect(report?.first).toEqual(values);
  const back = decodeNpy(report?.npy ?? new Uint8Array(), "w.npy");
  expect(back.dims).toEqual([2, 3]);
  expect([...floats(back)]).toEqual(values);
});

test("half floats are read as numbers", () => {
  // 1.5, −2, the least subnormal, 65504, 0, 0.333251953125
  const bits = Uint16Array.of(0x3e00, 0xc000, 0x0001, 0x7bff, 0, 0x3555);
  const report = inspectTensor(opened(tensorOf(bits, [2, 3], "float16")), "w");
  expect(report?.first).toEqual([1.5, -2, 2 ** -24, 65504, 0, 0.333251953125]);
});

test("what is no initializer has no values", () => {
  expect(inspectTensor(opened(floatTensor([1, 2, 3, 4, 5, 6], [2, 3])), "x")).toBeUndefined();
});
