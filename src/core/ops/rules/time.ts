import { type OperandInfo, refuse, type StreamContext, type StreamRule } from "../op.ts";
import { uniformValue } from "./fold.ts";

/**
 * Rule of elementwise operators: every streaming input carries time on the same axis counted from the end. Static
 * operands that are no longer than one frame there (or have no such axis) broadcast; others are the driver's to judge.
 */
export function pointwiseRule(context: StreamContext): StreamRule {
  let fromEnd: number | undefined;
  for (const [i, axis] of context.axes.entries()) {
    if (axis === undefined) continue;
    const rank = context.operands[i]?.shape?.length;
    if (rank === undefined) return refuse("shapeUnknown");
    const own = rank - axis;
    if (fromEnd !== undefined && own !== fromEnd) return refuse("axesDiffer");
    fromEnd = own;
  }
  return { kind: "pointwise" };
}

/** Whether a static operand has more than one entry on the axis `fromEnd` places before the end. */
export function variesAt(operand: OperandInfo, fromEnd: number): boolean | undefined {
  const rank = operand.shape?.length;
  if (rank === undefined) return undefined;
  return fromEnd <= rank && operand.shape?.[rank - fromEnd] !== 1;
}

/** Rule of operators that treat every slice along time alike and whose only stream is input 0. */
export function unaryAlong(
  context: StreamContext,
  rule: (axis: number, rank: number) => StreamRule,
): StreamRule {
  const axis = context.axes[0];
  const rank = context.operands[0]?.shape?.length;
  if (context.axes.some((a, i) => i > 0 && a !== undefined)) return refuse("dataDependent");
  if (axis === undefined || rank === undefined) return refuse("shapeUnknown");
  return rule(axis, rank);
}

/** Value of a constant that is the same everywhere. */
export function uniformConstant(operand: OperandInfo | undefined): number | undefined {
  return operand?.constant && uniformValue(operand.constant);
}
