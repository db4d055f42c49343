import { defineOp } from "./op.ts";
import { inferred, vectorOf } from "./rules/operand.ts";
import { pointwiseRule } from "./rules/time.ts";

export const identity = defineOp("Identity", "The input itself.", () => ({
  infer: ([x]) => [inferred(x?.dtype, x?.shape, vectorOf(x))],
  stream: pointwiseRule,
  quant: { inputs: ["activation"], output: "same" },
  fold: ([x]) => x?.constant && [x.constant],
}));

/** Inference form: the input itself, and a mask of ones. The ratio became an input in opset 12. */
export const dropout = defineOp(
  "Dropout",
  "The input itself at inference time.",
  (_, node) => ({
    infer([x]) {
      const y = inferred(x?.dtype, x?.shape);
      return node.outputs.length > 1 ? [y, inferred("bool", x?.shape)] : [y];
    },
    stream: pointwiseRule,
    quant: { inputs: ["activation", "plain", "plain"], output: "same" },
  }),
  {
    before: 12,
    upgrade(node, attributes, _, opset) {
      if (opset < 7 && attributes.int("is_test", 0) === 0) return undefined;
      // Before opset 10 the mask had the dtype of the data.
      if (opset < 10 && node.outputs[1]) return undefined;
      return [{ ...node, attributes: {} }];
    },
  },
);
