import { named } from "../base/detail.ts";
import { defineOp, type OpDefinition, refuse } from "./op.ts";
import { fromFront, inferred, knownScalar, vectorOf } from "./rules/operand.ts";
import { unaryAlong } from "./rules/time.ts";

/** Running sum along the axis in input 1. */
const cumSum = defineOp("CumSum", "Running sum along an axis.", (attributes) => ({
  infer: ([x]) => [inferred(x?.dtype, x?.shape)],
  stream: (context) =>
    unaryAlong(context, (axis, rank) => {
      const along = knownScalar(context.operands[1]);
      if (along === undefined) return refuse("dataDependent", named("axis"));
      if (fromFront(along, rank) !== axis) return { kind: "perFrame", axis };
      if (attributes.int("reverse", 0) !== 0) return refuse("timeReversed", named("reverse"));
      return { kind: "accumulate", exclusive: attributes.int("exclusive", 0) !== 0 };
    }),
}));

/** The k largest or smallest entries along an axis; k was an attribute before opset 10. */
const topK = defineOp(
  "TopK",
  "Largest entries along an axis, and their indices.",
  (attributes) => ({
    infer([x, k]) {
      const count = attributes.optionalInt("k") ?? vectorOf(k)?.[0] ?? null;
      const axis = fromFront(attributes.int("axis", -1), x?.shape?.length ?? 0);
      const shape = x?.shape?.map((d, i) => (i === axis ? count : d));
      return [inferred(x?.dtype, shape), inferred("int64", shape)];
    },
    stream: (context) =>
      unaryAlong(context, (axis, rank) =>
        fromFront(attributes.int("axis", -1), rank) === axis
          ? refuse("timeReduced")
          : { kind: "perFrame", axis },
      ),
  }),
  {
    before: 10,
    upgrade(node, attributes, { integers }) {
      const { k: _, ...rest } = node.attributes;
      return [
        { ...node, inputs: [node.inputs[0] ?? "", integers([attributes.int("k", 1)])], attributes: rest },
      ];
    },
  },
);

export const scanAxisOps: readonly OpDefinition[] = [cumSum, topK];
