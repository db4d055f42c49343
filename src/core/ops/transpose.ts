import { defineOp, type OpDefinition } from "./op.ts";
import { coordinates, flatIndex, moveElements } from "./rules/fold.ts";
import { inferred } from "./rules/operand.ts";
import { unaryAlong } from "./rules/time.ts";

const transpose = defineOp("Transpose", "Reorders the axes.", (attributes) => {
  const given = attributes.optionalInts("perm");
  const permOf = (rank: number): readonly number[] =>
    given ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  return {
    infer: ([x]) => [inferred(x?.dtype, x?.shape && permOf(x.shape.length).map((p) => x.shape?.[p] ?? null))],
    stream: (context) =>
      unaryAlong(context, (axis, rank) => ({ kind: "perFrame", axis: permOf(rank).indexOf(axis) })),
    quant: { inputs: ["activation"], output: "same" },
    isIdentity: ([x]) => x?.shape !== undefined && permOf(x.shape.length).every((p, i) => p === i),
    fold([x]) {
      const source = x?.constant;
      if (!source) return undefined;
      const perm = permOf(source.dims.length);
      const dims = perm.map((p) => source.dims[p] ?? 1);
      const out = moveElements(source, dims, (flat) => {
        const at = coordinates(flat, dims);
        const from = new Array<number>(perm.length).fill(0);
        for (const [i, p] of perm.entries()) from[p] = at[i] ?? 0;
        return flatIndex(from, source.dims);
      });
      return out && [out];
    },
  };
});

export const transposeOps: readonly OpDefinition[] = [transpose];
