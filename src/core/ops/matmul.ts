import type { Shape } from "../ir/graph.ts";
import type { DType } from "../ir/tensor.ts";
import { defineOp, type OpDefinition, refuse, type StreamContext, type StreamRule } from "./op.ts";
import { broadcastPair } from "./rules/broadcast.ts";
import { countPerFrame, dimOf, inferred } from "./rules/operand.ts";

/** NumPy matmul: 1-D operands gain an axis that the result loses again. */
export function matMulShape(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  if (!a || !b || a.length === 0 || b.length === 0) return undefined;
  const batch = broadcastPair(a.slice(0, -2), b.slice(0, -2));
  const rows = a.length > 1 ? [a[a.length - 2] ?? null] : [];
  const columns = b.length > 1 ? [b[b.length - 1] ?? null] : [];
  return [...batch, ...rows, ...columns];
}

/**
 * Time may be a row of A, a column of B or a batch axis (the same one in both); a sum over time is refused.
 */
function matMulStream({ axes, operands, results }: StreamContext): StreamRule {
  const ranks = [operands[0]?.shape?.length, operands[1]?.shape?.length];
  const [rankA, rankB] = ranks;
  const rank = results[0]?.shape?.length;
  if (axes.some((axis, i) => i > 1 && axis !== undefined)) return refuse("dataDependent");
  if (rankA === undefined || rankB === undefined || rank === undefined) return refuse("shapeUnknown");
  const [axisA, axisB] = axes;
  const endA = axisA === undefined ? undefined : rankA - axisA;
  const endB = axisB === undefined ? undefined : rankB - axisB;
  if (endA === 1 || (endB === 2 && rankB > 1) || (endB === 1 && rankB === 1)) return refuse("timeContracted");
  if (endA !== undefined && endB !== undefined) {
    // Rows against columns is a time × time product; equal batch axes are frame by frame.
    if (endA !== endB || endA < 3) return refuse("timeContracted");
    return { kind: "perFrame", axis: rank - endA };
  }
  if (endA === 2) return { kind: "perFrame", axis: rankB === 1 ? rank - 1 : rank - 2 };
  if (endB === 1) return { kind: "perFrame", axis: rank - 1 };
  const end = endA ?? endB;
  if (end === undefined) return refuse("shapeUnknown");
  const other = operands[endA === undefined ? 0 : 1];
  const otherRank = other?.shape?.length ?? 0;
  if (otherRank >= end && dimOf(other, otherRank - end) !== 1) return refuse("timeVaryingConstant");
  const lost = (rankA === 1 ? 1 : 0) + (rankB === 1 ? 1 : 0);
  return { kind: "perFrame", axis: rank + lost - end };
}

function matMulLike(op: string, doc: string, output: DType | undefined) {
  return defineOp(op, doc, () => ({
    infer: ([a, b]) => [inferred(output ?? a?.dtype ?? b?.dtype, matMulShape(a?.shape, b?.shape))],
    stream: matMulStream,
    ...(output === undefined && {
      quant: { inputs: ["activation", "weight"], channelAxis: -1, output: "own" } as const,
    }),
    cost: ([a], [y]) => ({
      macs: countPerFrame(y?.shape) * countPerFrame([dimOf(a, (a?.shape?.length ?? 1) - 1)]),
    }),
  }));
}

const matMul = matMulLike("MatMul", "Matrix product over the last two axes.", undefined);
const matMulInteger = matMulLike("MatMulInteger", "Integer matrix product in int32.", "int32");

export const matmulOps: readonly OpDefinition[] = [matMul, matMulInteger];
