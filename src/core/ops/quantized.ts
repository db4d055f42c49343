import type { AttributeReader } from "../ir/attributes.ts";
import type { Shape } from "../ir/graph.ts";
import { matMulShape } from "./matmul.ts";
import { defineOp, type OpDefinition, type OperandInfo } from "./op.ts";
import { dimOf, inferred, knownDims } from "./rules/operand.ts";
import { windowLengths, windowOf } from "./rules/window.ts";

/* Operators of already quantized models: shapes and types only, so that such models can be looked at. */

function convShape(
  attributes: AttributeReader,
  x: OperandInfo | undefined,
  w: OperandInfo | undefined,
): Shape | undefined {
  const kernel = attributes.optionalInts("kernel_shape") ?? knownDims(w?.shape?.slice(2));
  if (!x?.shape || !kernel) return undefined;
  const spatial = windowLengths(windowOf(attributes, kernel), x.shape.slice(2));
  return [x.shape[0] ?? null, dimOf(w, 0), ...spatial];
}

/** Inputs: x, its scale and zero point, w, its scale and zero point, y's scale and zero point, bias. */
const qLinearConv = defineOp("QLinearConv", "Conv on quantized tensors.", (attributes) => ({
  infer: ([x, , , w, , , , zero]) => [inferred(zero?.dtype ?? x?.dtype, convShape(attributes, x, w))],
}));

const qLinearMatMul = defineOp("QLinearMatMul", "Matrix product of quantized tensors.", () => ({
  infer: ([a, , , b, , , , zero]) => [inferred(zero?.dtype ?? a?.dtype, matMulShape(a?.shape, b?.shape))],
}));

const convInteger = defineOp("ConvInteger", "Conv on integers in int32.", (attributes) => ({
  infer: ([x, w]) => [inferred("int32", convShape(attributes, x, w))],
}));

export const quantizedOps: readonly OpDefinition[] = [qLinearConv, qLinearMatMul, convInteger];
