import { isFloatFunction } from "../float-function.ts";
import {
  lowerBinary,
  lowerComparison,
  lowerDivide,
  lowerFunction,
  lowerMultiply,
  lowerSum,
  pairwise,
} from "./elementwise.ts";
import { lowerBlocks, lowerInsertZeros, lowerMovement, lowerResize } from "./movement.ts";
import { type Lowering, type NodeView, refused } from "./node-view.ts";
import { operatorSupport, widthRefusal } from "./operator-support.ts";
import { lowerConvolution, lowerGemm, lowerMatMul } from "./products.ts";
import { lowerRecurrent } from "./recurrences.ts";
import { lowerNormalization, lowerReduce, lowerSoftmax } from "./reductions.ts";
import { lowerAveragePool, lowerGlobalAveragePool, lowerMaxPool } from "./windows.ts";

const MOVEMENTS =
  "Reshape Flatten Squeeze Unsqueeze Identity Transpose Slice Concat Pad Split Gather ScatterND ReverseSequence".split(
    " ",
  );

const LOWERINGS: ReadonlyMap<string, Lowering> = new Map<string, Lowering>([
  ["Conv", lowerConvolution],
  ["Gemm", lowerGemm],
  ["MatMul", lowerMatMul],
  ["Add", pairwise(lowerSum(1))],
  ["Sub", pairwise(lowerSum(-1))],
  ["Mul", pairwise(lowerMultiply)],
  ["Div", pairwise(lowerDivide)],
  ["Mod", pairwise(lowerBinary("mod"))],
  ["Pow", pairwise(lowerBinary("pow"))],
  ["Equal", pairwise(lowerComparison("equal"))],
  ["Greater", pairwise(lowerComparison("greater"))],
  ["GreaterOrEqual", pairwise(lowerComparison("greaterOrEqual"))],
  ["Less", pairwise(lowerComparison("less"))],
  ["LessOrEqual", pairwise(lowerComparison("lessOrEqual"))],
  ["AveragePool", lowerAveragePool],
  ["GlobalAveragePool", lowerGlobalAveragePool],
  ["MaxPool", lowerMaxPool],
  ["ReduceMean", lowerReduce("mean")],
  ["ReduceSum", lowerReduce("sum")],
  ["ReduceMax", lowerReduce("max")],
  ["ReduceMin", lowerReduce("min")],
  ["ReduceL1", lowerReduce("l1")],
  ["ReduceL2", lowerReduce("l2")],
  ["ReduceProd", lowerReduce("prod")],
  ["ReduceSumSquare", lowerReduce("sumSquare")],
  ["ReduceLogSum", lowerReduce("logSum")],
  ["ReduceLogSumExp", lowerReduce("logSumExp")],
  ["Softmax", lowerSoftmax(false)],
  ["LogSoftmax", lowerSoftmax(true)],
  ["LayerNormalization", lowerNormalization("layer")],
  ["RMSNormalization", lowerNormalization("rms")],
  ["LpNormalization", lowerNormalization("lp")],
  ["GRU", lowerRecurrent("gru")],
  ["LSTM", lowerRecurrent("lstm")],
  ["DepthToSpace", lowerBlocks("toSpace")],
  ["SpaceToDepth", lowerBlocks("toDepth")],
  ["Resize", lowerResize],
  ["InsertZeros", lowerInsertZeros],
  ...MOVEMENTS.map((op): [string, Lowering] => [op, lowerMovement]),
]);

/** What placing puts between nodes. In a model they are refused: their scales are no exponents. */
const PLACED: ReadonlySet<string> = new Set([
  "QuantizeLinear",
  "DequantizeLinear",
  "RequantizeLinear",
  "StreamingCache",
]);

/** How a node of the ESP-DL dialect becomes a kernel, or why it cannot. */
export function lowerToKernel(view: NodeView): ReturnType<Lowering> {
  const { op } = view.node;
  const width = widthRefusal(op, view.bits);
  if (width) return refused(width);
  const lowering = LOWERINGS.get(op) ?? (isFloatFunction(op) || op === "LUT" ? lowerFunction : undefined);
  if (!lowering && PLACED.has(op)) return refused("noKernel");
  if (!lowering) throw new Error(`${op} is supported (${operatorSupport(op)?.op}) but nothing lowers it`);
  return lowering(view);
}
