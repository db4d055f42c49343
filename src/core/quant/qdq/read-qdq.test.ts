import { describe, expect, test } from "vitest";
import { type Graph, intAttribute, makeNode, type Node } from "../../ir/graph.ts";
import { elements, floatTensor, sizeOf, tensorOf } from "../../ir/tensor.ts";
import { readQdq } from "./read-qdq.ts";

/** A node whose weight, counting up, stands behind a DequantizeLinear. */
function graphWith(reader: Node, dims: readonly number[], scales = [0.5]): Graph {
  const data = Int8Array.from({ length: sizeOf(dims) }, (_, i) => i);
  const axis = { axis: intAttribute(0) };
  return {
    name: "g",
    inputs: [{ name: "x", dtype: "float32" }],
    outputs: [{ name: "y", dtype: "float32" }],
    initializers: new Map([
      ["w_quantized", tensorOf(data, dims)],
      ["w_scale", floatTensor(scales, scales.length > 1 ? [scales.length] : [])],
    ]),
    nodes: [makeNode("DequantizeLinear", ["w_quantized", "w_scale"], ["w_reals"], axis), reader],
    values: new Map(),
  };
}

const weightOf = (graph: Graph) => {
  const weight = readQdq(graph).parameters.get("w");
  if (!weight) throw new Error("no weight");
  return { dims: weight.tensor.dims, integers: [...elements(weight.tensor)], scales: weight.scales };
};

describe("weights are read in one order, whatever the node's", () => {
  test("Gemm as [C, N]", () => {
    const direct = makeNode("Gemm", ["x", "w_reals"], ["y"]);
    expect(weightOf(graphWith(direct, [3, 2]))).toMatchObject({ dims: [3, 2], integers: [0, 1, 2, 3, 4, 5] });
    const transposed = makeNode("Gemm", ["x", "w_reals"], ["y"], { transB: intAttribute(1) });
    expect(weightOf(graphWith(transposed, [2, 3]))).toMatchObject({
      dims: [3, 2],
      integers: [0, 3, 1, 4, 2, 5],
    });
  });

  test("ConvTranspose as the convolution over the spread input", () => {
    const node = makeNode("ConvTranspose", ["x", "w_reals"], ["y"]);
    expect(weightOf(graphWith(node, [2, 1, 3]))).toMatchObject({
      dims: [1, 2, 3],
      integers: [2, 1, 0, 5, 4, 3],
    });
  });

  test("Conv as it is, with a scale per channel", () => {
    const node = makeNode("Conv", ["x", "w_reals"], ["y"]);
    const weight = weightOf(graphWith(node, [2, 1, 2], [0.5, 0.25]));
    expect(weight).toEqual({ dims: [2, 1, 2], integers: [0, 1, 2, 3], scales: [0.5, 0.25] });
  });
});

test("a float graph has no numbers", () => {
  const graph = graphWith(makeNode("Relu", ["x"], ["y"]), [1]);
  const bare = { ...graph, nodes: graph.nodes.slice(1) };
  expect(readQdq(bare)).toMatchObject({ values: new Map(), parameters: new Map() });
});
