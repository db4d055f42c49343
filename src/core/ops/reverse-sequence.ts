import { defineOp, type OpDefinition, refuse } from "./op.ts";
import { coordinates, flatIndex, moveElements } from "./rules/fold.ts";
import { inferred, knownInts } from "./rules/operand.ts";
import { unaryAlong } from "./rules/time.ts";

/** The first frames of every sequence in reverse order; what lies behind a sequence's length stays. */
const reverseSequence = defineOp(
  "ReverseSequence",
  "Reverses the first frames of every sequence of a batch.",
  (attributes) => {
    const [batch, time] = [attributes.int("batch_axis", 1), attributes.int("time_axis", 0)];
    return {
      infer: ([x]) => [inferred(x?.dtype, x?.shape)],
      stream: (context) =>
        unaryAlong(context, (axis) => {
          if (axis === time) return refuse("timeReversed");
          return axis === batch ? refuse("timeVaryingConstant") : { kind: "perFrame", axis };
        }),
      quant: { inputs: ["activation", "plain"], output: "same" },
      fold([x, lengths]) {
        const source = x?.constant;
        const counts = knownInts(lengths);
        if (!source || !counts) return undefined;
        const out = moveElements(source, source.dims, (i) => {
          const at = coordinates(i, source.dims);
          const count = counts[at[batch] ?? 0] ?? 0;
          const t = at[time] ?? 0;
          at[time] = t < count ? count - 1 - t : t;
          return flatIndex(at, source.dims);
        });
        return out && [out];
      },
    };
  },
);

export const reverseSequenceOps: readonly OpDefinition[] = [reverseSequence];
