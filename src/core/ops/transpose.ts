import { defineOp, type OpDefinition } from "./op.ts";
import { stridesOf } from "./rules/broadcast.ts";
import { inferred } from "./rules/operand.ts";
import { stridedCopy } from "./rules/strided-copy.ts";
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
      const strides = stridesOf(source.dims);
      const out = stridedCopy(source, { dims, steps: perm.map((p) => strides[p] ?? 0), offset: 0 });
      return out && [out];
    },
  };
});

export const transposeOps: readonly OpDefinition[] = [transpose];
