import { describe, expect, test } from "vitest";
import { GraphSketch, integers, must, runGraph } from "../../../test/stream-lab.ts";
import { floats } from "../ir/tensor.ts";
import { doubles, widened } from "./doubles.ts";
import { residue } from "./exact.ts";
import { GraphRunner } from "./graph-runner.ts";

type Build = (g: GraphSketch) => string;

/** Operators whose meaning is kept: small whole numbers must come out as in the runtime. */
const KEPT: Readonly<Record<string, Build>> = {
  conv: (g) => g.conv("x", [4, 4, 3], { pads: [2, 1], dilations: [2], strides: [2] }),
  "grouped conv": (g) => g.conv("x", [4, 2, 3], { pads: [1, 1], group: 2 }),
  overlap: (g) =>
    g.op(
      "ConvTranspose",
      ["x", g.constant("ow", integers(5, [4, 2, 4], 2)), g.constant("ob", integers(6, [2], 2))],
      {
        strides: [3],
        pads: [1, 2],
        output_padding: [1],
      },
    ),
  maxPool: (g) => g.op("MaxPool", ["x"], { kernel_shape: [3], pads: [2, 0], strides: [2] }),
  averagePool: (g) => g.op("AveragePool", ["x"], { kernel_shape: [4], pads: [2, 1], count_include_pad: 1 }),
  matMul: (g) =>
    g.op("MatMul", [g.op("Transpose", ["x"], { perm: [0, 2, 1] }), g.constant("m", integers(7, [4, 5], 2))]),
  gemm: (g) =>
    g.op("Gemm", [
      g.op("Reshape", ["x", g.longs([4, 12])]),
      g.constant("m", integers(7, [12, 5], 2)),
      g.constant("b", integers(8, [5], 2)),
    ]),
  cumSum: (g) => g.op("CumSum", ["x", g.longs([2])], { exclusive: 1 }),
  reduceSum: (g) => g.op("ReduceSum", ["x", g.longs([1])], { keepdims: 0 }),
  relu: (g) => g.op("Relu", [g.op("Sub", ["x", g.constant("c", integers(9, [4, 1], 2))])]),
  slice: (g) => g.op("Slice", ["x", g.longs([1]), g.longs([-1]), g.longs([2])]),
  concat: (g) => g.op("Concat", ["x", g.op("Neg", ["x"])], { axis: 1 }),
  depthToSpace: (g) =>
    g.op("DepthToSpace", [g.op("Reshape", ["x", g.longs([1, 4, 3, 4])])], { blocksize: 2 }),
};

describe("the interpreter", () => {
  test.each(Object.entries(KEPT))("computes what the runtime computes: %s", async (_, build) => {
    const g = new GraphSketch(3);
    g.input("x", [1, 4, 12]);
    const model = g.model([build(g)]);
    const x = integers(4, [1, 4, 12], 3);
    const [output] = model.graph.outputs;
    const expected = must((await runGraph(model, model.graph, { x }))[output?.name ?? ""]);
    const actual = must(new GraphRunner(model.graph).run({ x }).get(output?.name ?? ""));
    expect(actual.dims).toEqual(expected.dims);
    expect(Array.from(doubles(actual))).toEqual(Array.from(doubles(widened(expected)), (v) => v));
    expect(floats(expected).length).toBeGreaterThan(0);
  });

  test("residues are centred, and a sum of many terms is exact", () => {
    expect([residue(2046), residue(2047), residue(-2047), residue(4093)]).toEqual([2046, -2046, 2046, 0]);
    expect(residue(Number.NaN)).toBeNaN();
    // 10⁹ terms of full size stay below 2⁵³.
    expect(2046 * 2 * 1e9).toBeLessThan(2 ** 53);
  });
});
