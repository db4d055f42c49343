import { floatAttribute, intAttribute, stringAttribute } from "../src/core/ir/graph.ts";
import { floatTensor, longTensor, type Tensor } from "../src/core/ir/tensor.ts";
import { type Case, grid } from "./one-operator.ts";

const seq = [5, 1, 4];
/** Hidden units of the recurrent cases. */
export const hidden = 6;
/** Parameters that 8 bits hold exactly. */
export const weights = (dims: readonly number[], seed: number): Tensor => grid(dims, seed, 128);
/** Gates of 2^-9 and tables that end at 6.3 and 3.5: a few steps of 8 bits, some hundred of 16. */
const RECURRENT = { steps: { 8: 2, 16: 400 } } as const;
const scalar = (value: number): Tensor => floatTensor([value], []);
const reduction = { dims: [1, 8, 12], more: [longTensor([2])] };

/** Operators with forms that the chips have kernels for. */
export const CASES: readonly Case[] = [
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
    dims: [1, 6, 9],
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
