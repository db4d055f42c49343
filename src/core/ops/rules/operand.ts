import type { Dim, Shape } from "../../ir/graph.ts";
import { type DType, numbers, type Tensor } from "../../ir/tensor.ts";
import type { Inferred, OperandInfo } from "../op.ts";

/** An inferred output; unknown parts are left out. */
export function inferred(dtype?: DType, shape?: Shape, symbolic?: Shape): Inferred {
  return { ...(dtype && { dtype }), ...(shape && { shape }), ...(symbolic && { symbolic }) };
}

export const UNKNOWN: Inferred = {};

/** Axis counted from the front. Out-of-range axes stay out of range for the caller to notice. */
export function fromFront(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

export function dimOf(operand: OperandInfo | undefined, axis: number): Dim {
  return operand?.shape?.[axis] ?? null;
}

const INTEGER: ReadonlySet<DType> = new Set([
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
]);

export function isInteger(dtype: DType | undefined): boolean {
  return dtype !== undefined && INTEGER.has(dtype);
}

/** Beyond this many elements an integer tensor is data, not a shape. */
const LONGEST_VECTOR = 256;

/** Elements of an integer scalar or vector, known or symbolic; undefined if any length is unknown or it is not one. */
export function vectorOf(operand: OperandInfo | undefined): Shape | undefined {
  if (operand?.symbolic) return operand.symbolic;
  const t = operand?.constant;
  if (!t || !isInteger(t.dtype) || t.dims.length > 1 || (t.dims[0] ?? 1) > LONGEST_VECTOR) return undefined;
  return numbers(t);
}

/** Elements of an integer operand when all of them are known. */
export function knownInts(operand: OperandInfo | undefined): readonly number[] | undefined {
  const v = vectorOf(operand);
  return v?.every((d) => typeof d === "number") ? (v as readonly number[]) : undefined;
}

/** The single element of a constant. */
export function knownScalar(operand: OperandInfo | undefined): number | undefined {
  const t = operand?.constant;
  if (!t || t.dtype === "string" || t.dims.some((d) => d !== 1)) return undefined;
  if (t.dtype === "float16" || t.dtype === "bfloat16") return undefined;
  return numbers(t)[0];
}

/** Integers from an attribute (old opsets) or, failing that, from a constant input (new opsets). */
export function intsFrom(
  attribute: readonly number[] | undefined,
  operand: OperandInfo | undefined,
): readonly number[] | undefined {
  return attribute ?? knownInts(operand);
}

/** Number of elements of the first axis of a 1-D operand. */
export function lengthOf(operand: OperandInfo | undefined): number | undefined {
  const d = operand?.shape?.length === 1 ? operand.shape[0] : undefined;
  return typeof d === "number" ? d : undefined;
}

/** Known dims as numbers. */
export function knownDims(shape: Shape | undefined): readonly number[] | undefined {
  return shape?.every((d) => typeof d === "number") ? (shape as readonly number[]) : undefined;
}

/** Dims with symbolic ones counted once: what one frame costs. */
export function countPerFrame(shape: Shape | undefined): number {
  return (shape ?? []).reduce<number>((n, d) => n * (typeof d === "number" ? d : 1), 1);
}

/** A constant tensor as an operand. */
export function constantOperand(tensor: Tensor): OperandInfo {
  return { dtype: tensor.dtype, shape: tensor.dims, constant: tensor };
}
