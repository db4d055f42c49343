import type { Node } from "../ir/graph.ts";
import { type DType, elements, floatTensor, longTensor, type Tensor, tensorOf } from "../ir/tensor.ts";
import type { OpRules } from "../ops/op.ts";
import { BLOCKED, type GridState } from "./mask-band.ts";

/** An operand of a node over time × time: its state, one number everywhere, or undefined if all of it depends on data. */
export type OperandState = GridState | number | undefined;

const NORMALISING: ReadonlySet<string> = new Set(["Softmax", "Hardmax"]);

/** Whether an operator turns scores into weights along an axis, with nothing for keys that are blocked. */
export function normalises(node: Node): boolean {
  return node.domain === "" && NORMALISING.has(node.op);
}

/**
 * What is known of the entries of a node's result, from what is known of its operands: masks decide some entries
 * whatever the data is. Undefined if nothing is known.
 */
export function stateAfter(
  node: Node,
  rules: OpRules | undefined,
  operands: readonly OperandState[],
  dtypes: readonly (DType | undefined)[],
  elementwise: boolean,
): GridState | undefined {
  const grids = operands.filter((o) => typeof o === "object");
  const [first] = grids;
  if (!first) return undefined;
  // Normalising, and rearranging, look at input 0 alone.
  if (normalises(node)) return first.map((v) => (v <= BLOCKED ? 0 : Number.NaN));
  if (!elementwise) return first.slice();
  const compute = scalarFunction(node.op, rules, dtypes);
  const values = operands.map((o) => (typeof o === "number" ? o : Number.NaN));
  const state = new Float64Array(first.length);
  let known: number[] | undefined;
  let result = Number.NaN;
  for (let n = 0; n < state.length; n++) {
    for (const [i, o] of operands.entries()) if (typeof o === "object") values[i] = o[n] ?? Number.NaN;
    if (!known || values.some((v, i) => !Object.is(v, known?.[i]))) {
      known = [...values];
      result = compute(known);
    }
    state[n] = result;
  }
  return state;
}

function scalarFunction(
  op: string,
  rules: OpRules | undefined,
  dtypes: readonly (DType | undefined)[],
): (values: readonly number[]) => number {
  const memo = new Map<string, number>();
  return (values) => {
    const decided = decidedBy(op, values);
    if (decided !== undefined) return decided;
    if (values.some(Number.isNaN)) return Number.NaN;
    const key = values.join();
    const known = memo.get(key);
    if (known !== undefined) return known;
    const scalars = values.map((value, i) => scalar(value, dtypes[i]));
    const folded = scalars.every((t) => t !== undefined)
      ? rules?.fold?.(scalars.map((t) => ({ dtype: t.dtype, shape: t.dims, constant: t })))?.[0]
      : undefined;
    const value = folded ? Number(elements(folded)[0]) : Number.NaN;
    memo.set(key, value);
    return value;
  };
}

/** The result where some operands decide it alone: whatever the others hold, as long as they are finite scores. */
function decidedBy(op: string, values: readonly number[]): number | undefined {
  const [a = Number.NaN, b = Number.NaN, c = Number.NaN] = values;
  const known = values.filter((v) => !Number.isNaN(v));
  switch (op) {
    case "Add":
    case "Sum": {
      const sum = known.reduce((x, y) => x + y, 0);
      return sum <= BLOCKED ? sum : undefined;
    }
    case "Sub":
      return a <= BLOCKED && Number.isNaN(b) ? a : undefined;
    case "Min":
      return known.some((v) => v <= BLOCKED) ? Math.min(...known) : undefined;
    case "Mul":
    case "And":
      return values.includes(0) ? 0 : undefined;
    case "Div":
      return a === 0 ? 0 : undefined;
    case "Or":
      return values.includes(1) ? 1 : undefined;
    case "Where":
      return Number.isNaN(a) ? undefined : a !== 0 ? b : c;
    default:
      return undefined;
  }
}

function scalar(value: number, dtype: DType | undefined): Tensor | undefined {
  switch (dtype) {
    case "float32":
      return floatTensor([value], []);
    case "int64":
      return Number.isInteger(value) ? longTensor([value], []) : undefined;
    case "bool":
      return tensorOf(Uint8Array.of(value), [], "bool");
    default:
      return undefined;
  }
}
