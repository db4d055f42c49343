import { named } from "../base/detail.ts";
import { defineOp, type OpDefinition, refuse } from "./op.ts";
import { inferred, vectorOf } from "./rules/operand.ts";
import { pointwiseRule } from "./rules/time.ts";

const identity = defineOp("Identity", "The input itself.", () => ({
  infer: ([x]) => [inferred(x?.dtype, x?.shape, vectorOf(x))],
  stream: pointwiseRule,
  quant: { inputs: ["activation"], output: "same" },
  fold: ([x]) => x?.constant && [x.constant],
  isIdentity: () => true,
}));

/** Inference form: the input itself, and a mask of ones. The ratio became an input in opset 12. */
const dropout = defineOp(
  "Dropout",
  "The input itself at inference time.",
  (_, node) => ({
    infer([x]) {
      const y = inferred(x?.dtype, x?.shape);
      return node.outputs.length > 1 ? [y, inferred("bool", x?.shape)] : [y];
    },
    stream: (context) => {
      const training = context.operands[2];
      if (training && training.constant?.bytes[0] !== 0)
        return refuse("dataDependent", named("training_mode"));
      return pointwiseRule(context);
    },
    quant: { inputs: ["activation", "plain", "plain"], output: "same", floatOnly: true },
    isIdentity: ([, , training]) => !training || training.constant?.bytes[0] === 0,
  }),
  {
    before: 12,
    upgrade(node, attributes, { isUsed }, opset) {
      if (opset < 7 && attributes.int("is_test", 0) === 0) return undefined;
      const mask = node.outputs[1];
      const outputs = mask && isUsed(mask) ? node.outputs : node.outputs.slice(0, 1);
      // Before opset 10 the mask had the dtype of the data.
      if (opset < 10 && outputs.length > 1) return undefined;
      return [{ ...node, outputs, attributes: {} }];
    },
  },
);

export const identityOps: readonly OpDefinition[] = [identity, dropout];
