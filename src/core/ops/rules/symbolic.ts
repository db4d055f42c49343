import type { Dim, Shape } from "../../ir/graph.ts";
import type { Operands } from "../op.ts";
import { vectorOf } from "./operand.ts";

/** Two integer vectors element by element, known or symbolic; one of length 1 broadcasts. */
export function elementwiseSymbolic(operands: Operands, f: (a: Dim, b: Dim) => Dim): Shape | undefined {
  const [a, b] = operands.map(vectorOf);
  if (!a || !b || operands.length !== 2) return undefined;
  const n = Math.max(a.length, b.length);
  const pick = (v: Shape, i: number): Dim => v[v.length === 1 ? 0 : i] ?? null;
  return Array.from({ length: n }, (_, i) => f(pick(a, i), pick(b, i)));
}
