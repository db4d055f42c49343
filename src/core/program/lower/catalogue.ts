import { isFloatFunction } from "../float-function.ts";
import { lowerDivide, lowerFunction, lowerMultiply, lowerSum } from "./elementwise.ts";
import { lowerInsertZeros, lowerMovement } from "./movement.ts";
import type { Lowering } from "./node-view.ts";
import { lowerConvolution, lowerGemm, lowerMatMul } from "./products.ts";
import { lowerReduce, lowerSoftmax } from "./reductions.ts";
import { lowerAveragePool, lowerGlobalAveragePool, lowerMaxPool } from "./windows.ts";

const MOVEMENTS = [
  "Reshape",
  "Flatten",
  "Squeeze",
  "Unsqueeze",
  "Identity",
  "Transpose",
  "Slice",
  "Concat",
  "Pad",
  "Split",
  "Gather",
  "DepthToSpace",
  "SpaceToDepth",
];

const LOWERINGS: ReadonlyMap<string, Lowering> = new Map<string, Lowering>([
  ["Conv", lowerConvolution],
  ["Gemm", lowerGemm],
  ["MatMul", lowerMatMul],
  ["Add", lowerSum(1)],
  ["Sub", lowerSum(-1)],
  ["Mul", lowerMultiply],
  ["Div", lowerDivide],
  ["AveragePool", lowerAveragePool],
  ["GlobalAveragePool", lowerGlobalAveragePool],
  ["MaxPool", lowerMaxPool],
  ["ReduceMean", lowerReduce("mean")],
  ["ReduceSum", lowerReduce("sum")],
  ["ReduceMax", lowerReduce("max")],
  ["ReduceMin", lowerReduce("min")],
  ["Softmax", lowerSoftmax(false)],
  ["LogSoftmax", lowerSoftmax(true)],
  ["InsertZeros", lowerInsertZeros],
  ...MOVEMENTS.map((op): [string, Lowering] => [op, lowerMovement]),
]);

/** How a node of the ESP-DL dialect becomes a kernel; undefined where no integer kernel exists. */
export function loweringOf(op: string): Lowering | undefined {
  return LOWERINGS.get(op) ?? (isFloatFunction(op) ? lowerFunction : undefined);
}
