import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { outputsOf, randomFeeds, relativeDifference } from "../../../test/model-twins.ts";
import { GraphSketch } from "../../../test/stream-lab.ts";
import { floatAttribute, type Model } from "../ir/graph.ts";
import { floatTensor, longTensor } from "../ir/tensor.ts";
import { normalize } from "./pipeline.ts";

/** Folding a pad or a batch norm lets float32 sums round in another order. */
const REASSOCIATED = 1e-5;

const opsOf = (model: Model): string[] => model.graph.nodes.map((n) => n.op);

/** The normalised model, after checking that it answers as before, keeps its outputs and has nothing left to do. */
async function normalized(model: Model, tolerance: number, length = 16): Promise<Model> {
  const feeds = randomFeeds(model, length);
  const result = normalize(model).model;
  const [before, after] = [await outputsOf(model, feeds), await outputsOf(result, feeds)];
  expect(before).toBeDefined();
  expect(relativeDifference(before ?? {}, after ?? {})).toBeLessThanOrEqual(tolerance);
  expect(result.graph.outputs).toEqual(model.graph.outputs);
  expect(normalize(result).model.graph).toEqual(result.graph);
  return result;
}

const random = (seed: number, dims: readonly number[], low = -1, high = 1) => {
  const n = dims.reduce((a, b) => a * b, 1);
  return floatTensor(
    Array.from({ length: n }, (_, i) => low + (high - low) * ((Math.sin(seed * 91 + i * 12.9898) + 1) / 2)),
    dims,
  );
};

describe("pads", () => {
  test("a Pad of the spatial axes moves into the Conv behind it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          before: fc.nat(4),
          after: fc.nat(3),
          own: fc.nat(2),
          kernel: fc.integer({ min: 1, max: 4 }),
          dilation: fc.integer({ min: 1, max: 2 }),
          stride: fc.integer({ min: 1, max: 2 }),
        }),
        async ({ before, after, own, kernel, dilation, stride }) => {
          const g = new GraphSketch();
          const padded = g.op("Pad", [g.input("x", [1, 3, 16]), g.longs([0, 0, before, 0, 0, after])]);
          const attributes = { pads: [own, own], dilations: [dilation], strides: [stride] };
          const y = g.conv(padded, [2, 3, kernel], attributes);
          const model = await normalized(g.model([y]), REASSOCIATED);
          expect(opsOf(model)).toEqual(["Conv"]);
        },
      ),
      { numRuns: 25 },
    );
  });

  test("a constant block of zeros in front of a Conv is padding", async () => {
    const g = new GraphSketch();
    const zeros = g.constant("zeros", floatTensor(new Float32Array(3 * 4), [1, 3, 4]));
    const y = g.conv(g.op("Concat", [zeros, g.input("x", [1, 3, 16])], { axis: 2 }), [2, 3, 5]);
    const model = await normalized(g.model([y]), REASSOCIATED);
    expect(opsOf(model)).toEqual(["Conv"]);
    expect(model.graph.nodes[0]?.attributes.pads).toEqual({ kind: "ints", value: [4n, 0n] });
  });

  test("a block that is not zero stays", async () => {
    const g = new GraphSketch();
    const ones = g.constant("ones", floatTensor(new Float32Array(12).fill(1), [1, 3, 4]));
    const y = g.conv(g.op("Concat", [ones, g.input("x", [1, 3, 16])], { axis: 2 }), [2, 3, 5]);
    expect(opsOf(await normalized(g.model([y]), 0))).toEqual(["Concat", "Conv"]);
  });

  const POOLS = [
    {
      name: "zeros into an average that counts padding",
      attributes: { count_include_pad: 1, pads: [1, 1] },
      folds: true,
    },
    { name: "zeros into an average without padding", attributes: { pads: [0, 0] }, folds: true },
    {
      name: "zeros before an average that does not count its own padding",
      attributes: { pads: [1, 1] },
      folds: false,
    },
    {
      name: "padding as wide as the kernel",
      attributes: { count_include_pad: 1, pads: [2, 2] },
      folds: false,
    },
  ];
  for (const { name, attributes, folds } of POOLS) {
    test(`pools: ${name}`, async () => {
      const g = new GraphSketch();
      const padded = g.op("Pad", [g.input("x", [1, 3, 16]), g.longs([0, 0, 1, 0, 0, 1])]);
      const y = g.op("AveragePool", [padded], { kernel_shape: [3], ...attributes });
      expect(opsOf(await normalized(g.model([y]), REASSOCIATED))).toEqual(
        folds ? ["AveragePool"] : ["Pad", "AveragePool"],
      );
    });
  }

  test("zeros in front of a maximum stay: its padding is lower than any number", async () => {
    const g = new GraphSketch();
    const padded = g.op("Pad", [g.input("x", [1, 3, 16]), g.longs([0, 0, 2, 0, 0, 0])]);
    const y = g.op("MaxPool", [padded], { kernel_shape: [3] });
    expect(opsOf(await normalized(g.model([y]), 0))).toEqual(["Pad", "MaxPool"]);
  });

  test("a Pad of two axes that nothing absorbs becomes one Pad per axis", async () => {
    const g = new GraphSketch();
    const y = g.op("Pad", [g.input("x", [1, 3, 16]), g.longs([0, 1, 2, 0, 0, 1])], {}, "y");
    expect(opsOf(await normalized(g.model([y]), 0))).toEqual(["Pad", "Pad"]);
  });

  test("SAME padding becomes explicit", async () => {
    for (const mode of ["SAME_UPPER", "SAME_LOWER", "VALID"]) {
      for (const stride of [1, 2]) {
        const g = new GraphSketch();
        const x = g.input("x", [1, 3, 15]);
        const y = g.conv(x, [3, 3, 4], { auto_pad: mode, strides: [stride] });
        const weight = g.constant("wt", random(3, [3, 2, 5]));
        const z = g.op("ConvTranspose", [y, weight], { auto_pad: mode, strides: [stride] });
        const p = g.op("AveragePool", [x], { auto_pad: mode, kernel_shape: [2], strides: [stride] });
        const model = await normalized(g.model([z, p]), REASSOCIATED);
        expect(model.graph.nodes.filter((n) => n.attributes.auto_pad)).toEqual([]);
      }
    }
  });
});

describe("batch norms", () => {
  const norm = (g: GraphSketch, x: string, channels: number): string => {
    const constants = [0.5, -0.3, 0.1].map((shift, i) =>
      g.constant(`n${i}`, random(i + 5, [channels], shift, shift + 1)),
    );
    const variance = g.constant("variance", random(9, [channels], 0.2, 2));
    return g.op("BatchNormalization", [x, ...constants, variance], {}, "y");
  };

  test("fold into Conv, with groups and without a bias", async () => {
    for (const group of [1, 2]) {
      const g = new GraphSketch();
      const w = g.constant("w", random(1, [4, 4 / group, 3]));
      const y = norm(g, g.op("Conv", [g.input("x", [1, 4, 16]), w], { group }), 4);
      expect(opsOf(await normalized(g.model([y]), REASSOCIATED))).toEqual(["Conv"]);
    }
  });

  test("fold into ConvTranspose, with groups", async () => {
    for (const group of [1, 2]) {
      const g = new GraphSketch();
      const w = g.constant("w", random(1, [4, 6 / group, 3]));
      const b = g.constant("b", random(2, [6]));
      const y = norm(g, g.op("ConvTranspose", [g.input("x", [1, 4, 16]), w, b], { group, strides: [2] }), 6);
      expect(opsOf(await normalized(g.model([y]), REASSOCIATED))).toEqual(["ConvTranspose"]);
    }
  });

  test("fold into Gemm, whose factors they respect", async () => {
    for (const transB of [0, 1]) {
      const g = new GraphSketch();
      const w = g.constant("w", random(1, transB ? [5, 4] : [4, 5]));
      const c = g.constant("c", random(2, [5]));
      const y = norm(g, g.op("Gemm", [g.input("x", [3, 4]), w, c], { transB }), 5);
      const model = g.model([y]);
      const nodes = model.graph.nodes.map((n) =>
        n.op === "Gemm"
          ? { ...n, attributes: { ...n.attributes, alpha: floatAttribute(0.5), beta: floatAttribute(2) } }
          : n,
      );
      const scaled = { ...model, graph: { ...model.graph, nodes } };
      expect(opsOf(await normalized(scaled, REASSOCIATED))).toEqual(["Gemm"]);
    }
  });

  test("stay when something else reads the value before them, or shares the weights", async () => {
    const g = new GraphSketch();
    const x = g.input("x", [1, 4, 16]);
    const w = g.constant("w", random(1, [4, 4, 3]));
    const first = g.op("Conv", [x, w]);
    const y = norm(g, first, 4);
    expect(opsOf(await normalized(g.model([y, first]), 0))).toEqual(["Conv", "BatchNormalization"]);

    const shared = new GraphSketch();
    const x2 = shared.input("x", [1, 4, 16]);
    const w2 = shared.constant("w", random(1, [4, 4, 3]));
    const plain = shared.op("Conv", [x2, w2]);
    const z = norm(shared, shared.op("Conv", [x2, w2]), 4);
    expect(opsOf(await normalized(shared.model([z, plain]), REASSOCIATED)).sort()).toEqual(["Conv", "Conv"]);
  });
});

describe("identities", () => {
  test("operators that change nothing go, also in front of an output", async () => {
    const g = new GraphSketch();
    const x = g.input("x", [1, 3, 16]);
    const steps = [
      (v: string) => g.op("Identity", [v]),
      (v: string) => g.op("Cast", [v], { to: 1 }),
      (v: string) => g.op("Reshape", [v, g.longs([1, 3, 16])]),
      (v: string) => g.op("Transpose", [g.op("Transpose", [v], { perm: [0, 2, 1] })], { perm: [0, 2, 1] }),
      (v: string) => g.op("Slice", [v, g.longs([0]), g.longs([16]), g.longs([2])]),
      (v: string) => g.op("Pad", [v, g.longs([0, 0, 0, 0, 0, 0])]),
      (v: string) => g.op("Concat", [v], { axis: 1 }),
      (v: string) => g.op("Expand", [v, g.longs([1, 1, 1])]),
      (v: string) => g.op("Dropout", [v]),
    ];
    const middle = steps.reduce((v, step) => step(v), g.op("Relu", [x]));
    const y = steps.reduce((v, step) => step(v), g.op("Tanh", [middle]));
    const model = await normalized(g.model([y]), 0);
    expect(opsOf(model)).toEqual(["Relu", "Tanh"]);
    expect(model.graph.initializers.size).toBe(0);
  });

  test("an input handed straight to an output keeps its node", async () => {
    const g = new GraphSketch();
    const y = g.op("Identity", [g.input("x", [2, 3])], {}, "y");
    expect(opsOf(await normalized(g.model([y]), 0))).toEqual(["Identity"]);
  });

  test("one value under two output names keeps both", async () => {
    const g = new GraphSketch();
    const r = g.op("Relu", [g.input("x", [2, 3])], {}, "r");
    const outputs = [r, g.op("Identity", [r], {}, "a"), g.op("Identity", [r], {}, "b")];
    await normalized(g.model(outputs), 0);
  });
});

describe("shape arithmetic at a symbolic length", () => {
  test("chains settle into constants that hold at any length", async () => {
    const g = new GraphSketch();
    const x = g.input("x", [1, 6, "T"]);
    const shape = g.op("Shape", [x]);
    const scalar = (i: number) => g.op("Gather", [shape, g.constant(`i${i}`, longTensor([i], []))]);
    const part = (v: string) => g.op("Unsqueeze", [v, g.constant(`a${v}`, longTensor([0]))]);
    const half = g.op("Div", [scalar(1), g.constant("two", longTensor([2], []))]);
    const target = g.op("Concat", [part(scalar(0)), g.longs([2]), part(half), part(scalar(2))], { axis: 0 });
    const split = g.op("Reshape", [x, target]);
    const cut = g.op("Slice", [
      split,
      part(g.op("Sub", [scalar(2), g.constant("five", longTensor([5], []))])),
      part(scalar(2)),
      g.longs([3]),
    ]);
    const model = g.model([cut]);
    const result = await normalized(model, 0, 12);
    expect(opsOf(result)).toEqual(["Reshape", "Slice"]);
    for (const length of [7, 30]) {
      const feeds = randomFeeds(model, length);
      const [before, after] = [await outputsOf(model, feeds), await outputsOf(result, feeds)];
      expect(relativeDifference(before ?? {}, after ?? {})).toBe(0);
    }
  });
});

describe("old opsets", () => {
  test("Softmax of several flattened axes becomes Flatten, Softmax, Reshape", async () => {
    const g = new GraphSketch();
    const y = g.op("Softmax", [g.input("x", [2, 3, 4])], { axis: 1 }, "y");
    const model: Model = { ...g.model([y]), opsets: new Map([["", 11]]) };
    const result = await normalized(model, REASSOCIATED);
    expect(opsOf(result)).toEqual(["Flatten", "Softmax", "Reshape"]);
    expect(result.opsets.get("")).toBe(18);
  });

  test("a node without an exact twin keeps the whole model at its opset", async () => {
    const g = new GraphSketch();
    const y = g.op("Softmax", [g.op("Relu", [g.input("x", [2, 3, 4])])], { axis: 1 }, "y");
    const cropped = g.op("ImaginaryOp", [y]);
    const model: Model = { ...g.model([cropped]), opsets: new Map([["", 11]]) };
    expect(normalize(model).model.opsets.get("")).toBe(18);
    const scan: Model = {
      ...model,
      opsets: new Map([["", 8]]),
      graph: {
        ...model.graph,
        nodes: model.graph.nodes.map((n) => (n.op === "ImaginaryOp" ? { ...n, op: "Scan" } : n)),
      },
    };
    expect(normalize(scan).model.opsets.get("")).toBe(8);
  });
});
