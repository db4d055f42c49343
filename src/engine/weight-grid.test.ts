import { describe, expect, test } from "vitest";
import { decodeEspdlModel } from "../core/format/espdl/decode-espdl.ts";
import { encodeEspdlModel } from "../core/format/espdl/encode-espdl.ts";
import { logicalWeights } from "../core/format/espdl/logical-weights.ts";
import { smallModel } from "../core/format/espdl/small-model.fixture.ts";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { makeModel } from "../core/format/onnx/make-model.ts";
import { intsAttribute, makeNode, type Node } from "../core/ir/graph.ts";
import { floatTensor, numbers, type Tensor, tensorOf } from "../core/ir/tensor.ts";
import { inspectTensor } from "./inspect-tensor.ts";
import { openModel } from "./open-model.ts";
import { summarize } from "./summarize.ts";

function opened(nodes: readonly Node[], initializers: Readonly<Record<string, Tensor>>) {
  const graph = {
    name: "g",
    inputs: [{ name: "x", dtype: "float32" as const, shape: [1, 2, 8] }],
    outputs: [{ name: "y", dtype: "float32" as const, shape: [1, 2, 8] }],
    initializers: new Map(Object.entries(initializers)),
    nodes,
    values: new Map(),
  };
  return openModel([{ name: "m.onnx", bytes: encodeModel(makeModel(graph, { opset: 18 })) }]);
}

const conv = makeNode("Conv", ["x", "w"], ["y"], { kernel_shape: intsAttribute([1]) });
// Two filters, one a hundredth of the other.
const weights = floatTensor([0.9, -0.33, 0.0091, -0.0033], [2, 2, 1]);

describe("weightGrid", () => {
  test("a weight per channel loses as little in the small channel as in the large one", () => {
    const { grid } =
      inspectTensor(opened([conv], { w: weights }), "w", { target: "esp32-p4", bits: 8 }) ?? {};
    expect(grid).toMatchObject({ known: "expected", powers: true, axis: 0, dtype: "int8" });
    // 2·0.9/255 is a little less than 2^-7; 2·0.0091/255 a little more than 2^-14.
    expect(grid?.channels.map((c) => c.scale)).toEqual([2 ** -7, 2 ** -13]);
    for (const c of grid?.channels ?? []) {
      expect(c.low).toBe(-128 * c.scale);
      expect(c.sqnrDb).toBeGreaterThan(35);
    }
  });

  test("a chip with one exponent for the whole filter loses the small channel", () => {
    const { grid } =
      inspectTensor(opened([conv], { w: weights }), "w", { target: "esp32-s3", bits: 8 }) ?? {};
    expect(grid?.channels).toHaveLength(1);
    const params = { dtype: "int8", scales: [2 ** -7, 2 ** -7], zeroPoints: [0, 0], axis: 0 } as const;
    const placed = inspectTensor(opened([conv], { w: weights }), "w", {
      target: "esp32-s3",
      bits: 8,
      params,
    })?.grid;
    expect(placed?.known).toBe("placed");
    const [large, small] = placed?.channels ?? [];
    expect((large?.sqnrDb ?? 0) - (small?.sqnrDb ?? 0)).toBeGreaterThan(20);
  });

  test("what is no weight has no grid", () => {
    const mul = makeNode("Mul", ["x", "w"], ["y"]);
    const model = opened([mul], { w: floatTensor([2, 3], [2, 1]) });
    expect(inspectTensor(model, "w", { target: "esp32-s3", bits: 8 })?.grid).toBeUndefined();
    expect(inspectTensor(opened([conv], { w: weights }), "w")?.grid).toBeUndefined();
  });

  test("an .espdl file: unpacked integers, the reals that they stand for", () => {
    const bytes = encodeEspdlModel(smallModel());
    const filter = logicalWeights(decodeEspdlModel(bytes)).get("w");
    const report = inspectTensor(openModel([{ name: "m.espdl", bytes }]), "w");
    const integers = numbers(filter?.tensor ?? tensorOf(Int8Array.of(), [0]));
    expect(report?.first).toEqual(integers.slice(0, report?.first.length));
    const scale = 2 ** (filter?.exponents[0] ?? 0);
    expect(report?.grid).toMatchObject({ known: "stored", powers: true });
    expect(report?.grid?.channels[0]).toMatchObject({
      scale,
      min: Math.min(...integers) * scale,
      max: Math.max(...integers) * scale,
    });
  });

  test("a QDQ file: scale and zero point at the integers and at the reals", () => {
    const model = opened(
      [
        makeNode("QuantizeLinear", ["x", "s", "z"], ["xq"]),
        makeNode("DequantizeLinear", ["xq", "s", "z"], ["xr"]),
        makeNode("DequantizeLinear", ["w", "ws"], ["wr"], { axis: { kind: "int", value: 0n } }),
        makeNode("Conv", ["xr", "wr"], ["y"], { kernel_shape: intsAttribute([1]) }),
      ],
      {
        s: floatTensor([0.5], []),
        z: tensorOf(Int8Array.of(-3), []),
        w: tensorOf(Int8Array.of(127, -4, 9, -128), [2, 2, 1]),
        ws: floatTensor([0.25, 0.5], [2]),
      },
    );
    const summary = summarize(model);
    const of = (name: string) =>
      [...summary.inputs, ...summary.values, ...summary.initializers].find((v) => v.name === name)?.grid;
    const grid = { dtype: "int8", scales: [0.5, 0.5], zeroPoints: [-3, -3], channels: 1 };
    expect([of("x"), of("xq"), of("xr")]).toEqual([grid, grid, grid]);
    expect(of("w")).toMatchObject({ scales: [0.25, 0.5], channels: 2 });
    expect(of("y")).toBeUndefined();
    expect(inspectTensor(model, "w")?.grid?.channels).toMatchObject([
      { scale: 0.25, min: -1, max: 31.75, low: -32 },
      { scale: 0.5, min: -64, max: 4.5, low: -64 },
    ]);
  });
});
