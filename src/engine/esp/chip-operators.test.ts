import { describe, expect, test } from "vitest";
import { goldenFormat } from "../../../test/golden.ts";
import { type Case, grid, label, modelOf, stepsOff, throughFile } from "../../../test/one-operator.ts";
import { CASES, hidden, weights } from "../../../test/operator-cases.ts";
import { makeModel } from "../../core/format/onnx/make-model.ts";
import {
  floatAttribute,
  type Graph,
  intAttribute,
  intsAttribute,
  makeNode,
  stringAttribute,
} from "../../core/ir/graph.ts";
import { floatTensor, longTensor } from "../../core/ir/tensor.ts";
import { targetById } from "../../core/targets/catalogue.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { SILENT_JOB } from "../ports.ts";
import { offlineProgram, placeFromStatistics } from "./chip-model.ts";
import { chipSupport } from "./chip-support.ts";
import { placeByError } from "./place/place-by-error.ts";
import { quantizeCompatibly } from "./place/quantize-esp.ts";
import { observeStatistics } from "./place/reference-samples.ts";

const runtime = createRuntime();
const CHIPS = ["esp32p4", "esp32s3", "c"] as const;
const widthsOf = (c: Case) => (c.only8 ? [8 as const] : [8 as const, 16 as const]);

describe("one operator from float to the chip's file and back", () => {
  const runs = CASES.flatMap((c) => CHIPS.flatMap((chip) => widthsOf(c).map((bits) => ({ c, chip, bits }))));

  test.each(runs.map((r) => [`${label(r.c)} ${r.chip} int${r.bits}`, r] as const))("%s", async (_, run) => {
    const { c, chip, bits } = run;
    const format = goldenFormat(chip, bits);
    const outputs = await throughFile(c, run, runtime, (model, x) =>
      quantizeCompatibly({ model, format, method: "minmax", samples: [{ x }, { x }] }, runtime, SILENT_JOB),
    );
    for (const output of outputs) {
      expect(output.laid).toEqual(output.expected);
      expect(output.reread).toEqual(output.laid);
      // Inputs and parameters are exact on their grids: one rounding is left, and float32 noise at 16 bits.
      expect(stepsOff(output)).toBeLessThanOrEqual(c.steps?.[bits] ?? (bits === 8 ? 0.51 : 0.6));
    }
  });
});

/** What ESP-PPQ has no numbers for: functions in the LUT operator alone, other orders of channels. */
const OWN: readonly Case[] = [
  ...["Abs", "Floor", "Ceil", "Round", "Sign", "Erf", "Softplus", "Softsign", "Sin", "Cos"].map((op) => ({
    op,
    dims: [1, 4, 6],
  })),
  { op: "Reciprocal", dims: [1, 4, 6], positive: true },
  ...["Mish", "Selu", "Celu", "ThresholdedRelu"].map((op) => ({ op, dims: [1, 4, 6] })),
  { op: "Gelu", dims: [1, 4, 6], attributes: { approximate: stringAttribute("tanh") }, opset: 20 },
  { op: "Gelu", dims: [1, 4, 6], opset: 20 },
  { op: "Max", dims: [1, 4, 6], more: [weights([1], 3)] },
  { op: "Min", dims: [1, 4, 6], more: [weights([1], 4)] },
  { op: "GlobalMaxPool", dims: [1, 4, 6] },
  // Padding that a window can lie in alone goes before the operator.
  ...[
    { dims: [1, 3, 6], kernel: [2, 3, 1], pads: [1, 2] },
    { dims: [1, 3, 4, 6], kernel: [2, 3, 1, 3], pads: [1, 1, 0, 1] },
    { dims: [1, 3, 4, 6], kernel: [3, 1, 1, 1], pads: [1, 0, 0, 1], group: 3 },
  ].map(({ dims, kernel, pads, group = 1 }) => ({
    op: "Conv",
    dims,
    more: [weights(kernel, 5)],
    attributes: { pads: intsAttribute(pads), group: intAttribute(group) },
  })),
  // A norm before which stands nothing that could take it; with a variance of 1 its factors are exact too.
  ...[
    [1, 3, 6],
    [1, 3, 4, 6],
  ].map((dims) => ({
    op: "BatchNormalization",
    dims,
    more: [weights([3], 5), weights([3], 6), weights([3], 7), floatTensor([1, 1, 1], [3])],
    attributes: { epsilon: floatAttribute(0) },
  })),
  // Backwards with more left out on one side, alone and beside a walk ahead.
  ...[
    [[5], [2], [2], [-1]],
    [[-1], [-100], [-1], [-2]],
    [
      [-2, 1],
      [0, 7],
      [1, 2],
      [-1, 2],
    ],
  ].map((bounds): Case => ({ op: "Slice", dims: [1, 4, 8], more: bounds.map((b) => longTensor(b)) })),
  // The runtime and ESP-PPQ order these channels otherwise than ONNX.
  { op: "SpaceToDepth", dims: [1, 3, 4, 6], attributes: { blocksize: intAttribute(2) } },
  { op: "DepthToSpace", dims: [1, 12, 3, 4], attributes: { blocksize: intAttribute(2) } },
];

describe("Rill's own exponents: the file computes what was placed", () => {
  const runs = [...CASES, ...OWN].flatMap((c) =>
    widthsOf(c).map((bits) => ({ c, bits, chip: "esp32p4" as const })),
  );

  test.each(runs.map((r) => [`${label(r.c)} int${r.bits}`, r] as const))("%s", async (_, run) => {
    const format = goldenFormat(run.chip, run.bits);
    const outputs = await throughFile(run.c, run, runtime, async (model, x) => {
      const samples = [{ x }];
      const statistics = await observeStatistics(model, samples, runtime, SILENT_JOB);
      // By the range alone, inputs are exact.
      if (OWN.includes(run.c)) return placeFromStatistics(model, format, statistics, "minmax");
      return placeByError({ model, format, statistics, samples, work: 1e6 }, runtime, SILENT_JOB);
    });
    for (const output of outputs) {
      expect(output.laid).toEqual(output.expected);
      expect(output.reread).toEqual(output.laid);
      // A table of 8 bits holds the function itself; what it cannot reach saturates.
      if (!OWN.includes(run.c) || run.bits === 16) continue;
      for (const [i, q] of output.plain.entries())
        if (q > -128 && q < 127) expect(Math.abs(q - (output.float[i] ?? Number.NaN))).toBeLessThan(0.51);
    }
  });
});

describe("what a chip refuses, by node and reason", () => {
  const target = targetById("esp32-s3");
  if (target.exporter !== "espdl") throw new Error("a chip");
  const gru = CASES.find((c) => c.op === "GRU") as Case;
  const slice = (...bounds: number[][]): Case => ({
    op: "Slice",
    dims: [1, 2, 8],
    more: bounds.map((b) => longTensor(b)),
  });
  const refusals: readonly (readonly [Case, 8 | 16, string | undefined])[] = [
    [{ op: "Where", dims: [1, 4, 6] }, 8, "noKernel"],
    [{ op: "Erf", dims: [1, 4, 6] }, 16, undefined],
    [{ op: "Gelu", dims: [1, 4, 6] }, 16, undefined],
    [{ ...gru, attributes: { hidden_size: intAttribute(hidden) } }, 8, "resetAfter"],
    [{ ...gru, attributes: { ...gru.attributes, direction: stringAttribute("reverse") } }, 8, "reversed"],
    [{ ...gru, dims: [5, 2, 4] }, 8, "batch"],
    [gru, 16, undefined],
    [{ op: "SpaceToDepth", dims: [1, 8, 4, 6], attributes: { blocksize: intAttribute(2) } }, 8, undefined],
    [{ op: "DepthToSpace", dims: [1, 16, 4, 6], attributes: { blocksize: intAttribute(2) } }, 8, undefined],
    [{ op: "PRelu", dims: [1, 8, 6], more: [weights([8, 1], 2)] }, 8, undefined],
    [{ op: "Pad", dims: [1, 8, 6], more: [longTensor([0, 0, -1, 0, 0, 0])] }, 8, "attribute"],
    [
      {
        op: "MaxPool",
        dims: [1, 8, 6],
        attributes: {
          kernel_shape: intsAttribute([3]),
          strides: intsAttribute([2]),
          ceil_mode: intAttribute(1),
        },
      },
      8,
      "attribute",
    ],
    [{ op: "ReduceSum", dims: [2, 2, 2, 2, 2], more: [longTensor([0, 2, 4])] }, 8, "rank"],
    [{ op: "ReduceSum", dims: [2, 2, 2, 2, 2], more: [longTensor([1, 2, 4])] }, 8, undefined],
    [{ op: "Pad", dims: [2, 2, 2, 2, 2], more: [longTensor([0, 0, 0, 0, 1, 0, 0, 0, 0, 0])] }, 8, "rank"],
    // Where the runtime would walk back over other elements, it walks ahead and turns what that gives.
    [slice([5], [2], [2], [-1]), 8, undefined],
    [slice([7], [-9], [2], [-2]), 8, undefined],
    // Nothing at all.
    [slice([2], [5], [2], [-1]), 8, "attribute"],
    [slice([5], [2], [2], [1]), 8, "attribute"],
    [slice([7], [-9], [2], [-1]), 8, undefined],
    [slice([6], [0], [2], [-1]), 8, undefined],
    [slice([-1], [-9], [-1], [-1]), 16, undefined],
    [{ op: "MatMul", dims: [2, 6], more: [weights([6], 2)] }, 8, "rank"],
    [{ op: "Conv", dims: [1, 2, 3, 4, 5], more: [weights([2, 2, 1, 1, 1], 2)] }, 8, "rank"],
    [{ op: "Mul", dims: [2, 3, 2, 3, 2], more: [weights([1, 3, 1, 3, 1], 2)] }, 8, "rank"],
    [{ op: "Mul", dims: [2, 3, 2, 3, 2], more: [weights([1, 1, 2, 3, 2], 2)] }, 8, undefined],
    [
      {
        op: "MaxPool",
        dims: [1, 8, 6],
        attributes: { kernel_shape: intsAttribute([2]), dilations: intsAttribute([2]) },
      },
      8,
      "dilatedPool",
    ],
    [CASES.find((c) => c.op === "Resize") as Case, 16, "width16"],
  ];

  test.each(refusals.map((r) => [`${label(r[0])} int${r[1]}`, r] as const))("%s", (_, [c, bits, reason]) => {
    const [support] = chipSupport(modelOf(c), target, bits);
    expect(support).toMatchObject({ op: c.op });
    expect(support?.refused).toBe(reason);
  });
});

test("what the compatible mode forces apart is refused by name, and tied without it", async () => {
  const c: Case = { op: "Slice", dims: [1, 2, 4], more: [longTensor([0]), longTensor([2]), longTensor([2])] };
  const model = modelOf(c);
  // What is dropped is the loudest: ESP-PPQ calibrates both sides of an operator at the graph's input by themselves.
  const x = floatTensor([0.5, 0.25, 3, -3, 0.125, -0.5, 3, 3], c.dims);
  const format = goldenFormat("esp32p4", 8);
  const samples = [{ x }, { x }];
  const forced = await quantizeCompatibly({ model, format, method: "minmax", samples }, runtime, SILENT_JOB);
  expect(() => offlineProgram(forced)).toThrow(
    expect.objectContaining({
      problem: { code: "target.noKernel", node: "y0", op: "Slice", reason: "exponentsForced" },
    }),
  );
  const statistics = await observeStatistics(model, samples, runtime, SILENT_JOB);
  const tied = await placeByError({ model, format, statistics, samples }, runtime, SILENT_JOB);
  expect(offlineProgram(tied).kernels.map((k) => k.op)).toEqual(["Slice"]);
});

test("a scale that the runtime cannot shift to is refused by name in the compatible mode, and coarser without it", async () => {
  const c: Case = { op: "ReduceL2", dims: [1, 2, 4], more: [longTensor([2])] };
  const model = modelOf(c);
  const x = floatTensor([0.25, -0.125, 0.2, -0.01, 0.003, 0.1, 0, -0.2], c.dims);
  const format = goldenFormat("esp32p4", 16);
  const samples = [{ x }, { x }];
  const forced = await quantizeCompatibly({ model, format, method: "minmax", samples }, runtime, SILENT_JOB);
  expect(() => offlineProgram(forced)).toThrow(
    expect.objectContaining({
      problem: { code: "target.noKernel", node: "y0", op: "ReduceL2", reason: "shiftRange" },
    }),
  );
  const statistics = await observeStatistics(model, samples, runtime, SILENT_JOB);
  const own = await placeByError({ model, format, statistics, samples }, runtime, SILENT_JOB);
  expect(offlineProgram(own).tensors.get("x")?.exponents).toEqual([-15]);
});

test.each([8, 16] as const)(
  "a softmax of %i bits writes floats, also where its output is integers",
  async (bits) => {
    const graph: Graph = {
      name: "joined",
      inputs: [{ name: "x", dtype: "float32", shape: [1, 4, 6] }],
      outputs: [{ name: "y", dtype: "float32" }],
      initializers: new Map(),
      nodes: [
        makeNode("Softmax", ["x"], ["s"], { axis: intAttribute(2) }, "softmax"),
        makeNode("Concat", ["s", "x"], ["y"], { axis: intAttribute(1) }, "joined"),
      ],
      values: new Map(),
    };
    const x = grid([1, 4, 6], 1);
    const placed = await quantizeCompatibly(
      {
        model: makeModel(graph, { opset: 18 }),
        format: goldenFormat("c", bits),
        method: "minmax",
        samples: [{ x }],
      },
      runtime,
      SILENT_JOB,
    );
    const { kernels, tensors } = offlineProgram(placed);
    expect(kernels.map((k) => k.op)).toEqual(["Softmax", "QuantizeLinear", "Concat"]);
    expect(tensors.get("s")?.exponents).toEqual(tensors.get("y")?.exponents);
  },
);
