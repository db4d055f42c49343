import { pow as power } from "../base/elementary.ts";
import type { Dim } from "../ir/graph.ts";
import { longTensor, numbers, type Tensor } from "../ir/tensor.ts";
import {
  defineOp,
  type OpDefinition,
  type OperandInfo,
  type Operands,
  type OpRules,
  type QuantRule,
} from "./op.ts";
import { broadcastShapes } from "./rules/broadcast.ts";
import {
  addDims,
  divideExactly,
  floorDivide,
  isNonNegative,
  multiplyDims,
  subtractDims,
} from "./rules/dim.ts";
import { foldElementwise, type ScalarFunction } from "./rules/fold.ts";
import { countPerFrame, inferred, isInteger, knownDims } from "./rules/operand.ts";
import { elementwiseSymbolic } from "./rules/symbolic.ts";
import { pointwiseRule } from "./rules/time.ts";

const EMPTY = longTensor([]);

const OWN_PAIR: QuantRule = { inputs: ["activation", "activation"], output: "own" };

interface BinaryTraits {
  readonly quant?: QuantRule;
  readonly fold?: ScalarFunction;
  readonly evaluate?: ScalarFunction;
  /** The same function on dimensions. */
  readonly symbolic?: (a: Dim, b: Dim) => Dim;
  readonly macs?: boolean;
  /** Takes any number of inputs; one alone passes through. */
  readonly variadic?: boolean;
  /** True for constants of which there is no result. */
  readonly undefinedAt?: (inputs: readonly Tensor[]) => boolean;
}

function binary(op: string, doc: string, traits: BinaryTraits = {}): OpDefinition {
  return defineOp(op, doc, (): OpRules => {
    const { fold, evaluate, symbolic, quant } = traits;
    return {
      infer(operands) {
        const dtype = operands[0]?.dtype ?? operands[1]?.dtype;
        const values = symbolic && isInteger(dtype) ? elementwiseSymbolic(operands, symbolic) : undefined;
        return [inferred(dtype, broadcastShapes(operands), values)];
      },
      stream: pointwiseRule,
      ...(traits.variadic && { isIdentity: (operands: Operands) => operands.length === 1 }),
      ...(quant && { quant }),
      ...(traits.macs && { cost: (_, [y]) => ({ macs: countPerFrame(y?.shape) }) }),
      ...(fold && { fold: (operands) => foldBroadcast(operands, fold, traits) }),
      ...(evaluate && { evaluate: (operands: Operands) => foldBroadcast(operands, evaluate, traits) }),
    };
  });
}

function foldBroadcast(
  operands: readonly (OperandInfo | undefined)[],
  f: ScalarFunction,
  { undefinedAt }: BinaryTraits,
) {
  const inputs = operands.map((o) => o?.constant).filter((t) => t !== undefined);
  const dims = knownDims(broadcastShapes(operands));
  const [first] = inputs;
  if (!dims || !first || inputs.length !== operands.length || undefinedAt?.(inputs)) return undefined;
  const out = foldElementwise(inputs, dims, first.dtype, f);
  return out && [out];
}

/** Integer division truncates towards zero in ONNX; floor agrees where nothing is negative. */
function divideSymbolic(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return b === 0 ? null : Math.trunc(a / b);
  const exact = divideExactly(a, b);
  if (exact !== null) return exact;
  return typeof b === "number" && b > 0 && isNonNegative(a) ? floorDivide(a, b) : null;
}

const add = binary("Add", "a + b.", {
  quant: OWN_PAIR,
  fold: { float: (a, b) => (a ?? 0) + (b ?? 0), int: (a, b) => (a ?? 0n) + (b ?? 0n) },
  symbolic: addDims,
});
const sub = binary("Sub", "a − b.", {
  quant: OWN_PAIR,
  fold: { float: (a, b) => (a ?? 0) - (b ?? 0), int: (a, b) => (a ?? 0n) - (b ?? 0n) },
  symbolic: subtractDims,
});
const mul = binary("Mul", "a · b.", {
  quant: OWN_PAIR,
  fold: { float: (a, b) => (a ?? 0) * (b ?? 0), int: (a, b) => (a ?? 0n) * (b ?? 0n) },
  symbolic: multiplyDims,
  macs: true,
});
/** Kept in float: a quotient's range is not bounded by its operands' ranges. */
const div = binary("Div", "a / b; integers truncate.", {
  fold: {
    float: (a, b) => (a ?? 0) / (b ?? 0),
    int: (a, b) => (a ?? 0n) / (b ?? 1n),
  },
  // A runtime fails there: no value stands for it.
  undefinedAt: ([, b]) => b?.dtype !== "float32" && b?.dtype !== "float64" && numbers(b ?? EMPTY).includes(0),
  symbolic: divideSymbolic,
});
const pow = binary("Pow", "a to the power b.", {
  evaluate: { float: (a = 0, b = 0) => (b === 2 ? a * a : power(a, b)) },
});
const mod = binary("Mod", "Remainder of a / b.", {
  symbolic: (a, b) => (typeof a === "number" && typeof b === "number" && b > 0 ? ((a % b) + b) % b : null),
});
const bitShift = binary("BitShift", "a shifted by b bits.");
const bitwiseAnd = binary("BitwiseAnd", "Bitwise a & b.", {
  fold: { int: (a, b) => (a ?? 0n) & (b ?? 0n) },
});
const bitwiseOr = binary("BitwiseOr", "Bitwise a | b.", {
  fold: { int: (a, b) => (a ?? 0n) | (b ?? 0n) },
});
const bitwiseXor = binary("BitwiseXor", "Bitwise a ^ b.", {
  fold: { int: (a, b) => (a ?? 0n) ^ (b ?? 0n) },
});

const larger = (a: number, b: number): number =>
  Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.max(a, b);
const smaller = (a: number, b: number): number =>
  Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.min(a, b);

/** Variadic operators broadcast all inputs (opset ≥ 8). */
const max = binary("Max", "Largest of all inputs, element by element.", {
  variadic: true,
  fold: { float: (...x) => x.reduce(larger), int: (...x) => x.reduce((a, b) => (a > b ? a : b)) },
  symbolic: (a, b) => (typeof a === "number" && typeof b === "number" ? Math.max(a, b) : null),
});
const min = binary("Min", "Smallest of all inputs, element by element.", {
  variadic: true,
  fold: { float: (...x) => x.reduce(smaller), int: (...x) => x.reduce((a, b) => (a < b ? a : b)) },
  symbolic: (a, b) => (typeof a === "number" && typeof b === "number" ? Math.min(a, b) : null),
});
const sum = binary("Sum", "Sum of all inputs, element by element.", { variadic: true });
const mean = binary("Mean", "Mean of all inputs, element by element.", { variadic: true });

export const arithmeticOps: readonly OpDefinition[] = [
  add,
  sub,
  mul,
  div,
  pow,
  mod,
  bitShift,
  bitwiseAnd,
  bitwiseOr,
  bitwiseXor,
  max,
  min,
  sum,
  mean,
];
