import type { KernelRefusal } from "../../base/problem.ts";
import { TABLED } from "../../quant/esp/op-roles.ts";

/** What ESP-DL's runtime can do with one operator. */
export interface OperatorSupport {
  readonly op: string;
  readonly int8: boolean;
  readonly int16: boolean;
  readonly float32: boolean;
  /** Forms of the operator that it has no kernel for. */
  readonly limits: readonly KernelRefusal[];
}

/**
 * Every operator of ESP-DL's runtime, and those that its LUT computes. Sources: espressif/esp-dl 12c0616, operator_support_state.md,
 * dl/module/include/dl_module_creator.hpp and the module headers beside it; esp-ppq 1.3.5 for what its exporter refuses.
 */
const OPERATORS: readonly OperatorSupport[] = [
  ...rows("Conv", "8 16", ["groups", "dynamicOperand", "rank", "attribute"]),
  ...rows("InsertZeros", "8 16 f"),
  ...rows("Gemm", "8 16", ["attribute", "dynamicOperand"]),
  ...rows("MatMul", "8 16", ["rank"]),
  ...rows("Concat", "8 16 f", ["exponentsDiffer"]),
  ...rows("Add Sub", "8 16 f", ["exponentsDiffer", "rank"]),
  ...rows("Mul Div Pow", "8 16 f", ["rank"]),
  ...rows("Mod", "8 16 f", ["attribute", "rank"]),
  ...rows("AveragePool", "8 16 f", ["dilatedPool", "excludedPadding", "attribute", "rank"]),
  ...rows("GlobalAveragePool", "8 16 f", ["rank"]),
  ...rows("MaxPool", "8 16", ["dilatedPool", "attribute", "rank"]),
  ...rows("Slice Split Gather ScatterND", "8 16 f", ["dynamicOperand", "attribute"]),
  ...rows("Pad", "8 16 f", ["dynamicOperand", "attribute", "rank"]),
  ...rows("Transpose Reshape Flatten Squeeze Unsqueeze Identity", "8 16 f"),
  ...rows("DepthToSpace SpaceToDepth", "8 16 f", ["exponentsDiffer", "attribute"]),
  ...rows("ReverseSequence", "8 16", ["dynamicOperand"]),
  ...rows("Resize", "8", ["width16", "attribute"]),
  ...rows("Relu LeakyRelu Sigmoid Tanh HardSigmoid HardSwish Elu Swish Clip Exp Log Sqrt Neg", "8 16 f"),
  ...rows("Gelu LUT", "8 16"),
  ...rows(TABLED.join(" "), "8 16"),
  ...rows("PRelu", "8 16 f", ["dynamicOperand"]),
  ...rows("Softmax LogSoftmax", "8 16 f"),
  ...rows("ReduceMax ReduceMin", "8 16 f", ["exponentsDiffer", "dynamicOperand", "rank"]),
  ...rows(
    "ReduceMean ReduceSum ReduceL1 ReduceL2 ReduceProd ReduceSumSquare ReduceLogSum ReduceLogSumExp",
    "8 16 f",
    ["dynamicOperand", "rank", "shiftRange"],
  ),
  ...rows("Equal Greater GreaterOrEqual Less LessOrEqual", "8 16", ["exponentsDiffer", "rank"]),
  ...rows("GRU", "8 16 f", ["resetAfter", "reversed", "batch", "attribute", "dynamicOperand", "shiftRange"]),
  ...rows("LSTM", "8 16 f", ["reversed", "batch", "attribute", "dynamicOperand", "shiftRange"]),
  ...rows("LayerNormalization RMSNormalization", "8 16 f", ["attribute"]),
  ...rows("LpNormalization", "8 16 f", ["attribute"]),
  ...rows("QuantizeLinear DequantizeLinear RequantizeLinear StreamingCache", "8 16 f"),
];

const BY_OP: ReadonlyMap<string, OperatorSupport> = new Map(OPERATORS.map((o) => [o.op, o]));

function rows(ops: string, widths: string, limits: readonly KernelRefusal[] = []): OperatorSupport[] {
  const has = (width: string): boolean => widths.split(" ").includes(width);
  return ops.split(" ").map((op) => ({ op, int8: has("8"), int16: has("16"), float32: has("f"), limits }));
}

/** All of them, family by family. */
export function supportedOperators(): readonly OperatorSupport[] {
  return OPERATORS;
}

/** What the runtime can do with the operator; undefined where it has none of that name. */
export function operatorSupport(op: string): OperatorSupport | undefined {
  return BY_OP.get(op);
}

/** Why no kernel of that width exists, whatever the attributes; undefined bits: the node computes in float. */
export function widthRefusal(op: string, bits: 8 | 16 | undefined): KernelRefusal | undefined {
  const support = operatorSupport(op);
  if (!support) return "noKernel";
  if (bits === undefined) return support.float32 ? undefined : "floatKernel";
  if (bits === 16 && !support.int16) return "width16";
  return undefined;
}
