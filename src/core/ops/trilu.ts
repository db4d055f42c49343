import { byteLength } from "../ir/tensor.ts";
import { defineOp, type OpDefinition, refuse } from "./op.ts";
import { emptyTensor } from "./rules/fold.ts";
import { inferred, knownScalar, vectorOf } from "./rules/operand.ts";
import { unaryAlong } from "./rules/time.ts";

/** Input 1 moves the diagonal up. */
const trilu = defineOp(
  "Trilu",
  "One triangle of the last two axes; the other becomes zero.",
  (attributes) => {
    const upper = attributes.int("upper", 1) !== 0;
    return {
      infer: ([x]) => [inferred(x?.dtype, x?.shape)],
      stream: (context) =>
        unaryAlong(context, (axis, rank) =>
          axis < rank - 2 ? { kind: "perFrame", axis } : refuse("timeIndexed", { code: "triangleOverTime" }),
        ),
      fold([x, k]) {
        const diagonal = k ? (knownScalar(k) ?? vectorOf(k)?.[0]) : 0;
        const source = x?.constant;
        const width = source && byteLength(source.dtype, 2) / 2;
        if (!source || typeof diagonal !== "number" || !width || width < 1) return undefined;
        const out = emptyTensor(source.dtype, source.dims);
        const [rows = 1, columns = 1] = source.dims.slice(-2);
        for (let row = 0; row * columns * width < source.bytes.length; row++) {
          const edge = Math.min(Math.max((row % rows) + diagonal + (upper ? 0 : 1), 0), columns);
          const [from, to] = upper ? [edge, columns] : [0, edge];
          const start = row * columns;
          out.bytes.set(
            source.bytes.subarray((start + from) * width, (start + to) * width),
            (start + from) * width,
          );
        }
        return [out];
      },
    };
  },
);

export const triluOps: readonly OpDefinition[] = [trilu];
