import type { Dim } from "../ir/graph.ts";
import { defineOp, type OpDefinition } from "./op.ts";
import { broadcastShapes } from "./rules/broadcast.ts";
import { isNonNegative, sameDim } from "./rules/dim.ts";
import { foldElementwise, type ScalarFunction } from "./rules/fold.ts";
import { inferred, knownDims } from "./rules/operand.ts";
import { elementwiseSymbolic } from "./rules/symbolic.ts";
import { pointwiseRule } from "./rules/time.ts";

/** Comparisons and logic: broadcast inputs, bool output. */
function predicate(
  op: string,
  doc: string,
  f?: ScalarFunction,
  symbolic?: (a: Dim, b: Dim) => Dim,
): OpDefinition {
  return defineOp(op, doc, () => ({
    infer: (operands) => [
      inferred("bool", broadcastShapes(operands), symbolic && elementwiseSymbolic(operands, symbolic)),
    ],
    stream: pointwiseRule,
    ...(f && {
      fold(operands) {
        const inputs = operands.map((o) => o?.constant).filter((t) => t !== undefined);
        const dims = knownDims(broadcastShapes(operands));
        if (!dims || inputs.length !== operands.length) return undefined;
        const out = foldElementwise(inputs, dims, "bool", f);
        return out && [out];
      },
    }),
  }));
}

const bit = (x: boolean): number => (x ? 1 : 0);
const compare = (f: (a: number | bigint, b: number | bigint) => boolean): ScalarFunction => ({
  float: (a, b) => bit(f(a ?? 0, b ?? 0)),
  int: (a, b) => BigInt(f(a ?? 0n, b ?? 0n)),
});
const logic = (f: (a: boolean, b: boolean) => boolean): ScalarFunction => ({
  int: (a, b) => BigInt(f(a !== 0n, b !== 0n)),
});

/** Lengths are not negative, so that −1 in a shape never equals one. */
function equalDims(a: Dim, b: Dim): Dim {
  if (a === null || b === null) return null;
  if (typeof a === "number" && typeof b === "number") return a === b ? 1 : 0;
  if (sameDim(a, b)) return 1;
  const negative = (d: Dim) => typeof d === "number" && d < 0;
  return (negative(a) && isNonNegative(b)) || (negative(b) && isNonNegative(a)) ? 0 : null;
}

const equal = predicate(
  "Equal",
  "a = b.",
  compare((a, b) => a === b),
  equalDims,
);
const less = predicate(
  "Less",
  "a < b.",
  compare((a, b) => a < b),
);
const lessOrEqual = predicate(
  "LessOrEqual",
  "a ≤ b.",
  compare((a, b) => a <= b),
);
const greater = predicate(
  "Greater",
  "a > b.",
  compare((a, b) => a > b),
);
const greaterOrEqual = predicate(
  "GreaterOrEqual",
  "a ≥ b.",
  compare((a, b) => a >= b),
);
const and = predicate(
  "And",
  "Both true.",
  logic((a, b) => a && b),
);
const or = predicate(
  "Or",
  "Either true.",
  logic((a, b) => a || b),
);
const xor = predicate(
  "Xor",
  "Exactly one true.",
  logic((a, b) => a !== b),
);
const not = predicate("Not", "True where x is false.", { int: (x) => BigInt(x === 0n) });
const isNotNumber = predicate("IsNaN", "True where x is not a number.", {
  float: (x) => bit(Number.isNaN(x)),
});
const isInf = predicate("IsInf", "True where x is infinite.");

export const comparisonOps: readonly OpDefinition[] = [
  equal,
  less,
  lessOrEqual,
  greater,
  greaterOrEqual,
  and,
  or,
  xor,
  not,
  isNotNumber,
  isInf,
];
