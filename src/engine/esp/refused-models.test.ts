import { describe, expect, it } from "vitest";
import { encodeModel } from "../../core/format/onnx/encode-model.ts";
import { makeModel } from "../../core/format/onnx/make-model.ts";
import { type Model, makeNode, type Node } from "../../core/ir/graph.ts";
import { floatTensor, type Tensor, tensorOf } from "../../core/ir/tensor.ts";
import { targetById } from "../../core/targets/catalogue.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { openModel, requireFloatNodes } from "../open-model.ts";
import { SILENT_JOB } from "../ports.ts";
import { chipSupport } from "./chip-support.ts";
import { quantizeCompatibly } from "./place/quantize-esp.ts";

const target = targetById("esp32-p4");
if (target.exporter !== "espdl") throw new Error("a chip");
const runtime = createRuntime();

function modelOf(nodes: Node[], constants: Record<string, Tensor>): Model {
  return makeModel(
    {
      name: "g",
      inputs: [{ name: "x", dtype: "float32", shape: [1, 4] }],
      outputs: [{ name: "y", dtype: "float32" }],
      initializers: new Map(Object.entries(constants)),
      nodes,
      values: new Map(),
    },
    { opset: 18 },
  );
}

const place = (model: Model, x: readonly number[]) =>
  quantizeCompatibly(
    { model, format: target.formats[8], method: "minmax", samples: [{ x: floatTensor(x, [1, 4]) }] },
    runtime,
    SILENT_JOB,
  );

describe("what has no exponent", () => {
  const itself = modelOf(
    [makeNode("Mul", ["x", "half"], ["h"], {}, "half"), makeNode("Div", ["h", "x"], ["y"], {}, "div")],
    { half: floatTensor([0.5], [1]) },
  );

  it("is a division of zero by zero, wherever it stands", async () => {
    const refused = { problem: { code: "quant.notFinite", value: "y" } };
    await expect(place(itself, [0, 1, 2, 3])).rejects.toMatchObject(refused);
    await expect(place(itself, [1, 2, 0, 3])).rejects.toMatchObject(refused);
    await expect(place(itself, [1, 2, 4, 3])).resolves.toBeDefined();
  });

  it("is an infinite constant", async () => {
    const masked = modelOf([makeNode("Add", ["x", "mask"], ["y"], {}, "add")], {
      mask: floatTensor([0, Number.NEGATIVE_INFINITY, 0, 0], [1, 4]),
    });
    const refused = { problem: { code: "quant.notFinite", value: "mask" } };
    await expect(place(masked, [1, 2, 3, 4])).rejects.toMatchObject(refused);
  });
});

it("a division of 8 bits by one computed number is refused: the runtime keeps the first one that it meets", () => {
  const divided = (by: string) =>
    modelOf(
      [makeNode("ReduceMax", ["x"], ["most"], {}, "max"), makeNode("Div", ["x", by], ["y"], {}, "div")],
      { two: floatTensor([2], [1]) },
    );
  const reasons = (by: string, bits: 8 | 16) =>
    chipSupport(divided(by), target, bits).flatMap(({ refused }) => refused ?? []);
  expect(reasons("most", 8)).toEqual(["dynamicOperand"]);
  expect(reasons("most", 16)).toEqual([]);
  expect(reasons("two", 8)).toEqual([]);
});

describe("a model that quantizes its own values", () => {
  const grid = { scale: floatTensor([0.1], []), zero: tensorOf(new Int8Array(1), []) };
  const quantized = modelOf(
    [
      makeNode("QuantizeLinear", ["x", "scale", "zero"], ["q"], {}, "quantize"),
      makeNode("DequantizeLinear", ["q", "scale", "zero"], ["d"], {}, "dequantize"),
      makeNode("Relu", ["d"], ["y"], {}, "relu"),
    ],
    grid,
  );

  it("is refused by the name of its file", () => {
    const opened = openModel([{ name: "q.onnx", bytes: encodeModel(quantized) }]);
    expect(() => requireFloatNodes(opened)).toThrow(
      expect.objectContaining({ problem: { code: "model.quantized", file: "q.onnx" } }),
    );
  });

  it("is refused node by node where a chip's kernels are asked for", () => {
    const refused = chipSupport(quantized, target, 8).filter((n) => n.refused);
    expect(refused.map(({ node, refused }) => [node, refused])).toEqual([
      ["q", "noKernel"],
      ["d", "noKernel"],
    ]);
  });
});
