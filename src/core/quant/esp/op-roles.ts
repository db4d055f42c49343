/**
 * What ESP-PPQ knows of operators by name alone. Sources: esp-ppq 1.3.5, quantization/quantizer/EspdlQuantizer.py 219–291
 * (quantizable), core/common.py 57–78 (computing, passive), IR/base/opdef.py 212–995 (float slots).
 */
const QUANTIZABLE: ReadonlySet<string> = new Set(
  (
    "Conv ConvTranspose Gemm GRU LSTM Relu PRelu Clip Pad Resize MaxPool AveragePool GlobalMaxPool GlobalAveragePool " +
    "Softmax LogSoftmax LpNormalization Mul Add Max Sub Div Neg Reshape LeakyRelu Concat Sigmoid Interp ReduceL1 ReduceL2 " +
    "ReduceMean ReduceMin ReduceMax ReduceProd ReduceSum ReduceSumSquare ReduceLogSum ReduceLogSumExp Transpose Slice Flatten " +
    "HardSwish HardSigmoid MatMul Attention LayerNormalization RMSNormalization Gelu Split Gather ScatterND Tanh Elu Greater " +
    "Less Equal GreaterOrEqual LessOrEqual ReverseSequence Identity Swish Squeeze Unsqueeze Exp DepthToSpace SpaceToDepth " +
    "InsertZeros Mod"
  ).split(" "),
);

/**
 * Functions of one variable that ESP-DL has no kernel for, and that its LUT operator computes all the same. ESP-PPQ leaves them in
 * float, where the runtime has nothing for them either.
 */
export const TABLED: readonly string[] =
  "Abs Floor Ceil Round Sign Reciprocal Erf Softplus Softsign Mish Selu Celu ThresholdedRelu Sin Cos Tan".split(
    " ",
  );

const TABLES: ReadonlySet<string> = new Set(TABLED);

/** Ops whose product fuses with a following Relu or Clip. GRU is not among them. */
const COMPUTING: ReadonlySet<string> = new Set([
  "Conv",
  "Gemm",
  "ConvTranspose",
  "MatMul",
  "Attention",
  "LSTM",
]);

/** Ops that inherit their input's exponent. */
const PASSIVE: ReadonlySet<string> = new Set(
  (
    "MaxPool GlobalMaxPool Reshape Flatten Identity Dropout Slice Pad Split Transpose Interp Squeeze Unsqueeze Gather " +
    "ReverseSequence ReduceMax ReduceMin"
  ).split(" "),
);

const FILTERED: ReadonlySet<string> = new Set(["Conv", "ConvTranspose", "Gemm"]);
const COMPARISONS: ReadonlySet<string> = new Set([
  "Greater",
  "Less",
  "Equal",
  "GreaterOrEqual",
  "LessOrEqual",
]);
const JOINS: ReadonlySet<string> = new Set(["Add", "Sub", "Sum", "Concat", "ScatterND", "Resize"]);
const REDUCTIONS_WITH_AXES = /^Reduce/;

/** Whether the op is quantized at all; anything else stays in float between Dequantize and Quantize nodes. */
export const isQuantizable = (op: string): boolean => QUANTIZABLE.has(op) || TABLES.has(op);
/** Whether the chip computes the op by a table alone. */
export const isTabled = (op: string): boolean => TABLES.has(op);
export const isComputing = (op: string): boolean => COMPUTING.has(op);
export const isPassive = (op: string): boolean => PASSIVE.has(op);
/** Whether input 1 is a filter with its own exponent rule and input 2 a bias at the product's exponent. */
export const hasFilter = (op: string): boolean => FILTERED.has(op);
export const isComparison = (op: string): boolean => COMPARISONS.has(op);
/** Whether the runtime adds or copies raw integers, so that every input takes the output's exponent. */
export const takesOutputExponent = (op: string): boolean => JOINS.has(op);

/** Input slots that are never quantized: shapes, axes, indices. */
export function isFloatInput(op: string, index: number): boolean {
  switch (op) {
    case "Reshape":
    case "Gather":
    case "Split":
    case "Squeeze":
    case "Unsqueeze":
    case "ScatterND":
    case "ReverseSequence":
    case "RMSNormalization":
      return index === 1;
    case "Clip":
    case "Pad":
    case "Resize":
    case "Slice":
      return index >= 1;
    default:
      return REDUCTIONS_WITH_AXES.test(op) && index === 1;
  }
}

/** Output slots that stay in float: the runtime's softmax and comparisons do not write integers. */
export function isFloatOutput(op: string): boolean {
  return op === "Softmax" || op === "LogSoftmax" || isComparison(op);
}

/** Exponent of the arguments of a recurrence's gates. Source: esp-ppq 1.3.5, core/common.py 116–127. */
export const GATE_EXPONENT = -9;

/** Places by which the runtime shifts a 1 in 32 bits to get a scale. Source: esp-dl dl_define.hpp 75–81. */
export const LARGEST_EXPONENT = 30;

/** Places by which the runtime shifts a sum to the right, of 32 bits at 8 and of 64 at 16: a sign is left at least. Source: dl_tool.cpp shift_and_round. */
export const LARGEST_SHIFT: Readonly<Record<8 | 16, number>> = { 8: 30, 16: 62 };

/** And to the left, of either width: what is shifted there has 64 bits. */
export const LARGEST_LEFT_SHIFT = 30;
