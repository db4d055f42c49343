import type { AttributeReader } from "../ir/attributes.ts";
import { defineOp, type OpDefinition, type QuantRule, refuse, type StreamContext } from "./op.ts";
import { fromFront, inferred } from "./rules/operand.ts";
import { unaryAlong } from "./rules/time.ts";

/** Parameters of one entry serve every frame; per-axis ones only if that axis is not time. */
function affineStream(attributes: AttributeReader, context: StreamContext) {
  return unaryAlong(context, (axis, rank) => {
    const scale = context.operands[1]?.shape;
    if (!scale) return refuse("shapeUnknown");
    const perAxis = scale.some((d) => d !== 1);
    return perAxis && fromFront(attributes.int("axis", 1), rank) === axis
      ? refuse("timeVaryingConstant")
      : { kind: "perFrame", axis };
  });
}

const PLAIN: QuantRule = { inputs: ["plain", "plain", "plain"], output: "same" };

const quantizeLinear = defineOp(
  "QuantizeLinear",
  "round(x / scale) + zero point, saturated.",
  (attributes) => ({
    infer: ([x, , zero]) => [inferred(zero?.dtype ?? "uint8", x?.shape)],
    stream: (context) => affineStream(attributes, context),
    quant: PLAIN,
  }),
);

const dequantizeLinear = defineOp("DequantizeLinear", "(x − zero point) · scale.", (attributes) => ({
  infer: ([x, scale]) => [inferred(scale?.dtype ?? "float32", x?.shape)],
  stream: (context) => affineStream(attributes, context),
  quant: PLAIN,
}));

const dynamicQuantizeLinear = defineOp(
  "DynamicQuantizeLinear",
  "Quantizes to uint8 with the range of this very tensor.",
  () => ({
    infer: ([x]) => [inferred("uint8", x?.shape), inferred("float32", []), inferred("uint8", [])],
    stream: () => refuse("timeReduced", { code: "rangeOverTime" }),
  }),
);

export const quantizeOps: readonly OpDefinition[] = [quantizeLinear, dequantizeLinear, dynamicQuantizeLinear];
