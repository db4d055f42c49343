import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeModel } from "../../format/onnx/make-model.ts";
import { type Graph, makeNode, type Node } from "../../ir/graph.ts";
import { floats, floatTensor, sizeOf, type Tensor } from "../../ir/tensor.ts";
import { biasedNodes, ChannelMeans, correctedBias, withBiases } from "./bias-correction.ts";

function graphOf(nodes: Node[], constants: Record<string, Tensor>): Graph {
  return {
    name: "g",
    inputs: [{ name: "x", dtype: "float32", shape: [1, 2, 8] }],
    outputs: [{ name: nodes.at(-1)?.outputs[0] ?? "" }],
    initializers: new Map(Object.entries(constants)),
    nodes,
    values: new Map(),
  };
}

const [W, B] = [floatTensor([1, 2, 3, 4], [2, 2, 1]), floatTensor([10, 20], [2])];
const found = (graph: Graph) => biasedNodes(graph, () => 3);

describe("constants that are a node's own, one per channel", () => {
  test("of a convolution, with the Relu behind it", () => {
    const conv = makeNode("Conv", ["x", "w", "b"], ["y"], {}, "conv");
    const graph = graphOf([conv, makeNode("Relu", ["y"], ["z"], {}, "relu")], { w: W, b: B });
    expect(found(graph)).toEqual([{ makes: "y", rectified: "z", constant: "b", axis: 1, bias: B }]);
  });

  test("of an addition, along the axis on which it varies", () => {
    const at = (dims: number[]) => {
      const constants = { c: floatTensor(new Float32Array(sizeOf(dims)).fill(1), dims) };
      return found(graphOf([makeNode("Add", ["x", "c"], ["y"], {}, "add")], constants)).map((n) => n.axis);
    };
    expect(at([2, 1])).toEqual([1]);
    expect(at([8])).toEqual([2]);
    // A single number, and one for every frame of every channel.
    expect(at([1])).toEqual([]);
    expect(at([2, 8])).toEqual([]);
  });

  test("but not where another node reads the constant, or another reads what the Relu reads", () => {
    const convs = ["y", "z"].map((y) => makeNode("Conv", ["x", "w", "b"], [y], {}, y));
    expect(found(graphOf(convs, { w: W, b: B }))).toEqual([]);
    const nodes = [
      makeNode("Conv", ["x", "w", "b"], ["y"], {}, "conv"),
      makeNode("Relu", ["y"], ["r"], {}, "relu"),
      makeNode("Mul", ["y", "r"], ["z"], {}, "mul"),
    ];
    expect(found(graphOf(nodes, { w: W, b: B })).map((n) => n.rectified)).toEqual([undefined]);
  });
});

test("a corrected bias takes the place of the old one, and the nodes stay the same objects", () => {
  const conv = makeNode("Conv", ["x", "w", "b"], ["y"], {}, "conv");
  const model = makeModel(graphOf([conv], { w: W, b: B }), { opset: 17 });
  const [node] = found(model.graph);
  if (!node) throw new Error("a bias");
  const bias = correctedBias(node, Float64Array.of(0.5, -1));
  const { graph } = withBiases(
    model,
    new Map([
      ["y", bias],
      ["elsewhere", bias],
    ]),
  );
  expect(floats(graph.initializers.get("b") as Tensor)).toEqual(Float32Array.of(10.5, 19));
  expect(graph.initializers.get("w")).toBe(W);
  expect(graph.nodes[0]).toBe(conv);
});

test("means by channel are those of every channel's numbers, in however many pieces they come", () => {
  const piece = fc
    .integer({ min: 1, max: 4 })
    .chain((frames) =>
      fc.array(fc.integer({ min: -128, max: 127 }), { minLength: 6 * frames, maxLength: 6 * frames }),
    );
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 4 }), (pieces) => {
      const means = new ChannelMeans(3, 1);
      const byChannel: number[][] = [[], [], []];
      for (const numbers of pieces) {
        const frames = numbers.length / 6;
        means.add(Int8Array.from(numbers), [2, 3, frames], 0.25);
        for (const [i, x] of numbers.entries()) byChannel[Math.floor(i / frames) % 3]?.push(x / 4);
      }
      const expected = byChannel.map((xs) => xs.reduce((a, b) => a + b, 0) / xs.length);
      // Quarters of small integers: every sum is exact.
      expect([...means.means()]).toEqual(expected);
    }),
  );
});
