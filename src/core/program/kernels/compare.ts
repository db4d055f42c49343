import { sizeOf, type Tensor } from "../../ir/tensor.ts";
import { broadcastIndex } from "../../ops/rules/broadcast.ts";
import { inputAt, numbersOf, outputRecord, type Run } from "../kernel-context.ts";
import type { KernelForm, Relation } from "../program.ts";

type Compare = Extract<KernelForm, { kind: "compare" }>;

const HOLDS: Readonly<Record<Relation, (a: number, b: number) => boolean>> = {
  equal: (a, b) => a === b,
  greater: (a, b) => a > b,
  greaterOrEqual: (a, b) => a >= b,
  less: (a, b) => a < b,
  lessOrEqual: (a, b) => a <= b,
};

/** Raw integers compared; exponents are equal by construction. Source: esp-dl dl_base_greater.cpp and its siblings. */
export const runCompare: Run<Compare> = (context): Tensor[] => {
  const { dims } = outputRecord(context);
  const holds = HOLDS[context.form.relation];
  const [a, b] = [inputAt(context, 0), inputAt(context, 1)];
  const [left, right] = [numbersOf(a), numbersOf(b)];
  const [atA, atB] = [broadcastIndex(a.dims, dims), broadcastIndex(b.dims, dims)];
  const bytes = Uint8Array.from({ length: sizeOf(dims) }, (_, i) =>
    holds(left[atA(i)] as number, right[atB(i)] as number) ? 1 : 0,
  );
  return [{ dtype: "bool", dims, bytes }];
};
