import { describe, expect, test } from "vitest";
import { goldenFormat } from "../../../test/golden.ts";
import { espdlModel } from "../../core/export/espdl/espdl-model.ts";
import { soundFile } from "../../core/export/espdl/sound-file.ts";
import { decodeEspdlModel } from "../../core/format/espdl/decode-espdl.ts";
import { encodeModel } from "../../core/format/onnx/encode-model.ts";
import { makeModel } from "../../core/format/onnx/make-model.ts";
import {
  type Attribute,
  floatAttribute,
  type Graph,
  intAttribute,
  intsAttribute,
  type Model,
  makeNode,
  stringAttribute,
} from "../../core/ir/graph.ts";
import { elements, floats, floatTensor, longTensor, type Tensor } from "../../core/ir/tensor.ts";
import { programOfEspdl } from "../../core/program/espdl/program-of-espdl.ts";
import { DeviceTwin, quantizeFeed } from "../../core/program/interpreter.ts";
import { channelsLast } from "../../core/program/layout/channels-last.ts";
import { transposeTensor } from "../../core/program/layout/reorder.ts";
import { tensorIn } from "../../core/program/program.ts";
import { targetById } from "../../core/targets/catalogue.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { SILENT_JOB } from "../ports.ts";
import { offlineProgram } from "./chip-model.ts";
import { chipSupport } from "./chip-support.ts";
import { quantizeCompatibly } from "./place/quantize-esp.ts";

const runtime = createRuntime();
const integers = (t: Pick<Tensor, "dtype" | "dims" | "bytes">): number[] => Array.from(elements(t), Number);

interface Case {
  readonly op: string;
  readonly dims: readonly number[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Inputs after the first. */
  readonly more?: readonly (Tensor | undefined)[];
  readonly outputs?: number;
  /** The runtime's own arithmetic goes beyond one rounding: steps of the output that it may be away from float. */
  readonly steps?: { readonly 8: number; readonly 16: number };
  readonly only8?: true;
  /** Inputs positive only. */
  readonly positive?: true;
}

/** Multiples of 1/32 within ±3.9, so that 8 bits hold them exactly. */
function grid(dims: readonly number[], seed: number, divisor = 32): Tensor {
  let state = seed;
  const count = dims.reduce((n, d) => n * d, 1);
  return floatTensor(
    Float32Array.from({ length: count }, () => {
      state = (state * 1103515245 + 12345) % 2147483648;
      return (Math.floor(state / 65536) % 249) / divisor - 124 / divisor;
    }),
    dims,
  );
}

const seq = [5, 1, 4];
const hidden = 6;
const weights = (dims: readonly number[], seed: number): Tensor => grid(dims, seed, 128);
/** Gates of 2^-9 and tables that end at 6.3 and 3.5: a few steps of 8 bits, some hundred of 16. */
const RECURRENT = { steps: { 8: 2, 16: 400 } } as const;
const scalar = (value: number): Tensor => floatTensor([value], []);
const reduction = { dims: [1, 8, 12], more: [longTensor([2])] };

const CASES: readonly Case[] = [
  ...["ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceSumSquare"].map((op) => ({
    op,
    ...reduction,
  })),
  // Newton's root stops within 1e-5, exponentials and logarithms are float32: at 16 bits that shows.
  ...["ReduceL2", "ReduceLogSumExp"].map((op) => ({ op, ...reduction, steps: { 8: 1, 16: 2 } })),
  { op: "ReduceLogSum", ...reduction, positive: true, steps: { 8: 1, 16: 2 } },
  { op: "ReduceProd", dims: [1, 8, 3], more: [longTensor([2])], steps: { 8: 1, 16: 1 } },
  {
    op: "LayerNormalization",
    dims: [1, 6, 8],
    more: [weights([8], 3), weights([8], 4)],
    attributes: { axis: intAttribute(-1), epsilon: floatAttribute(1e-5) },
    steps: { 8: 1, 16: 2 },
  },
  { op: "LpNormalization", dims: [1, 8, 6], attributes: { axis: intAttribute(1), p: intAttribute(2) } },
  { op: "LpNormalization", dims: [1, 8, 6], attributes: { axis: intAttribute(2), p: intAttribute(1) } },
  {
    op: "Resize",
    dims: [1, 4, 6],
    more: [undefined, floatTensor([1, 1, 2], [3])],
    attributes: {
      mode: stringAttribute("linear"),
      coordinate_transformation_mode: stringAttribute("half_pixel"),
    },
    only8: true,
    // Inputs take the output's exponent first: a second rounding.
    steps: { 8: 1, 16: 1 },
  },
  {
    op: "Resize",
    dims: [1, 4, 6, 5],
    more: [undefined, floatTensor([1, 1, 2, 3], [4])],
    attributes: {
      mode: stringAttribute("nearest"),
      coordinate_transformation_mode: stringAttribute("asymmetric"),
      nearest_mode: stringAttribute("floor"),
    },
    only8: true,
  },
  {
    op: "DepthToSpace",
    dims: [1, 12, 3, 4],
    attributes: { blocksize: intAttribute(2), mode: stringAttribute("CRD") },
  },
  { op: "DepthToSpace", dims: [1, 8, 3, 4], attributes: { blocksize: intAttribute(2) } },
  { op: "SpaceToDepth", dims: [1, 1, 4, 6], attributes: { blocksize: intAttribute(2) } },
  ...["constant", "edge", "reflect"].map((mode) => ({
    op: "Pad",
    dims: [1, 4, 6],
    more: [longTensor([0, 0, 2, 0, 0, 1])],
    attributes: { mode: stringAttribute(mode) },
  })),
  {
    op: "ReverseSequence",
    dims: [1, 6, 4],
    more: [longTensor([5])],
    attributes: { batch_axis: intAttribute(0), time_axis: intAttribute(1) },
  },
  {
    op: "Split",
    dims: [1, 8, 5],
    more: [longTensor([3, 5])],
    attributes: { axis: intAttribute(1) },
    outputs: 2,
  },
  { op: "Gather", dims: [1, 6, 5], more: [longTensor([3, 1])], attributes: { axis: intAttribute(1) } },
  { op: "Mod", dims: [1, 4, 6], more: [floatTensor([0.75], [1])], attributes: { fmod: intAttribute(1) } },
  { op: "Elu", dims: [1, 4, 6], attributes: { alpha: floatAttribute(0.5) } },
  { op: "PRelu", dims: [1, 4, 6], more: [weights([1], 11)] },
  { op: "PRelu", dims: [1, 4, 6], more: [weights([4, 1], 12)] },
  { op: "PRelu", dims: [1, 4, 3, 5], more: [weights([4, 1, 1], 13)] },
  { op: "PRelu", dims: [2, 5], more: [weights([5], 14)] },
  { op: "Clip", dims: [1, 4, 6], more: [scalar(-0.5), scalar(1.25)] },
  { op: "Clip", dims: [1, 4, 6], more: [scalar(-0.5)] },
  { op: "Clip", dims: [1, 4, 6], more: [undefined, scalar(1.25)] },
  // Beyond what the integers reach.
  { op: "Clip", dims: [1, 4, 6], more: [scalar(-100), scalar(1e30)] },
  { op: "Gather", dims: [1, 6, 5], more: [longTensor([-1, 2])], attributes: { axis: intAttribute(-1) } },
  { op: "Gather", dims: [1, 6, 5], more: [longTensor([4], [])], attributes: { axis: intAttribute(1) } },
  {
    op: "Gather",
    dims: [1, 6, 5],
    more: [longTensor([0, 5, 5, 1], [2, 2])],
    attributes: { axis: intAttribute(1) },
  },
  {
    op: "Split",
    dims: [1, 8, 5],
    attributes: { axis: intAttribute(-2), num_outputs: intAttribute(2) },
    outputs: 2,
  },
  { op: "Unsqueeze", dims: [4, 5], more: [longTensor([-1, -3])] },
  { op: "Squeeze", dims: [1, 4, 1, 5] },
  {
    op: "Slice",
    dims: [1, 6, 8],
    more: [longTensor([-100, -1]), longTensor([100, -100]), longTensor([1, -1]), longTensor([2, -2])],
  },
  { op: "Pad", dims: [1, 4, 6], more: [longTensor([2, 1]), scalar(0.5), longTensor([-1])] },
  { op: "Concat", dims: [1, 4, 6], attributes: { axis: intAttribute(1) } },
  { op: "Gemm", dims: [3, 6], more: [weights([6, 4], 15), weights([1, 4], 16)] },
  { op: "HardSigmoid", dims: [1, 4, 6] },
  { op: "Exp", dims: [1, 4, 6], steps: { 8: 1, 16: 1 } },
  {
    op: "GRU",
    dims: seq,
    more: [weights([1, 3 * hidden, 4], 5), weights([1, 3 * hidden, hidden], 6), weights([1, 6 * hidden], 7)],
    attributes: { hidden_size: intAttribute(hidden), linear_before_reset: intAttribute(1) },
    ...RECURRENT,
  },
  {
    op: "LSTM",
    dims: seq,
    more: [weights([2, 4 * hidden, 4], 8), weights([2, 4 * hidden, hidden], 9), weights([2, 8 * hidden], 10)],
    attributes: { hidden_size: intAttribute(hidden), direction: stringAttribute("bidirectional") },
    ...RECURRENT,
  },
];

function modelOf({ op, dims, attributes = {}, more = [], outputs = 1 }: Case): Model {
  const names = more.map((tensor, i) => (tensor ? `k${i}` : ""));
  const made = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const graph: Graph = {
    name: op,
    inputs: [{ name: "x", dtype: "float32", shape: dims }],
    outputs: made.map((name) => ({ name, dtype: "float32" })),
    initializers: new Map(more.flatMap((tensor, i) => (tensor ? [[`k${i}`, tensor] as const] : []))),
    nodes: [makeNode(op, ["x", ...names], made, attributes, op)],
    values: new Map(),
  };
  return makeModel(graph, { opset: 18 });
}

const label = ({ op, attributes = {}, dims }: Case): string =>
  `${op} [${dims}] ${Object.entries(attributes)
    .map(
      ([k, a]) =>
        `${k}=${"value" in a ? (a.value instanceof Uint8Array ? String.fromCharCode(...a.value) : a.value) : ""}`,
    )
    .join(" ")}`;

describe("one operator from float to the chip's file and back", () => {
  const runs = CASES.flatMap((c) =>
    (["esp32p4", "esp32s3", "c"] as const).flatMap((chip) =>
      (c.only8 ? [8 as const] : [8 as const, 16 as const]).map((bits) => ({ c, chip, bits })),
    ),
  );

  test.each(runs.map((r) => [`${label(r.c)} ${r.chip} int${r.bits}`, r] as const))("%s", async (_, run) => {
    const { c, chip, bits } = run;
    const model = modelOf(c);
    const raw = grid(c.dims, 1);
    const x = c.positive ? floatTensor(floats(raw).map(Math.abs), c.dims) : raw;
    const format = goldenFormat(chip, bits);
    const samples = [{ x }, { x }];
    const placed = await quantizeCompatibly(
      { model, format, method: "minmax", samples },
      runtime,
      SILENT_JOB,
    );
    const program = offlineProgram(placed);
    const quantized = quantizeFeed(program, "x", floats(x));
    const plain = new DeviceTwin(program).step({ x: quantized });

    // Another layout, then the file: the same integers.
    const vectorBytes = chip === "c" ? 0 : 16;
    const { program: laid, orders } = channelsLast(program, { vectorBytes });
    const order = orders.get("x");
    const inputs = { x: order ? transposeTensor(quantized, order) : quantized };
    const values = new DeviceTwin(laid).step(inputs);
    const metadata = new Map([["target", chip]]);
    const bytes = soundFile(
      espdlModel({ name: c.op, program: laid, vectorBytes, metadata, vectors: { inputs, values } }),
    );
    const read = new DeviceTwin(programOfEspdl(decodeEspdlModel(bytes), format.rounding)).step(inputs);

    const session = await runtime.open(encodeModel(model));
    const float = await session.run({ x });
    await session.release();
    for (const name of program.outputs) {
      const [ours, turned, reread] = [plain.get(name), values.get(name), read.get(name)];
      const reference = float[name];
      if (!ours || !turned || !reread || !reference) throw new Error(`${name} is missing`);
      const turn = orders.get(name);
      expect(integers(turned)).toEqual(integers(turn ? transposeTensor(ours, turn) : ours));
      expect(integers(reread)).toEqual(integers(turned));
      const scale = 2 ** (tensorIn(program, name).exponents?.[0] ?? 0);
      const wide = integers(ours);
      const exact = floats(reference);
      const off = Math.max(...wide.map((q, i) => Math.abs(q - (exact[i] ?? Number.NaN) / scale)));
      // Inputs and parameters are exact on their grids: one rounding is left, and float32 noise at 16 bits.
      expect(off).toBeLessThanOrEqual(c.steps?.[bits] ?? (bits === 8 ? 0.51 : 0.6));
    }
  });
});

describe("what a chip refuses, by node and reason", () => {
  const target = targetById("esp32-s3");
  if (target.exporter !== "espdl") throw new Error("a chip");
  const gru = CASES.find((c) => c.op === "GRU") as Case;
  const refusals: readonly (readonly [Case, 8 | 16, string | undefined])[] = [
    [{ op: "Erf", dims: [1, 4, 6] }, 8, "noKernel"],
    [{ op: "Gelu", dims: [1, 4, 6] }, 16, undefined],
    [{ ...gru, attributes: { hidden_size: intAttribute(hidden) } }, 8, "resetAfter"],
    [{ ...gru, attributes: { ...gru.attributes, direction: stringAttribute("reverse") } }, 8, "reversed"],
    [{ ...gru, dims: [5, 2, 4] }, 8, "batch"],
    [gru, 16, undefined],
    [{ op: "SpaceToDepth", dims: [1, 8, 4, 6], attributes: { blocksize: intAttribute(2) } }, 8, "differs"],
    [{ op: "DepthToSpace", dims: [1, 16, 4, 6], attributes: { blocksize: intAttribute(2) } }, 8, "differs"],
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
