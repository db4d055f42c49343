import { named } from "../../base/detail.ts";
import { rational } from "../../base/rational.ts";
import type { Dim, Shape } from "../../ir/graph.ts";
import { longTensor } from "../../ir/tensor.ts";
import { type LengthRewrite, type OperandInfo, refuse, type StreamRule } from "../op.ts";
import { divideExactly, floorDivide, multiplyDims, productOf, sameDim } from "./dim.ts";
import { knownInts } from "./operand.ts";

/**
 * Where time goes when a tensor is read in another shape. Row-major order keeps frames whole iff the axes before time
 * hold as many elements before and after; the axes behind it decide how many frames one frame becomes.
 */
export function placeTime(
  from: Shape,
  to: Shape,
  axis: number,
): { readonly axis: number; readonly factor: { readonly num: number; readonly den: number } } | undefined {
  const before = productOf(from.slice(0, axis));
  const behind = productOf(from.slice(axis + 1));
  const time = from[axis] ?? null;
  const candidates: { axis: number; factor: { num: number; den: number } }[] = [];
  for (const [b, length] of to.entries()) {
    if (!sameDim(productOf(to.slice(0, b)), before)) continue;
    const rest = productOf(to.slice(b + 1));
    const factor = ratio(behind, rest);
    if (!factor || !sameDim(length, floorDivide(multiplyDims(time, factor.num), factor.den))) continue;
    candidates.push({ axis: b, factor });
  }
  const kept = candidates.filter((c) => c.factor.num === c.factor.den);
  // With axes of extent 1 around, several places fit; the old place is the natural one.
  return kept.find((c) => c.axis === axis) ?? kept[0] ?? candidates[0];
}

function ratio(a: Dim, b: Dim): { num: number; den: number } | undefined {
  if (sameDim(a, b)) return { num: 1, den: 1 };
  if (typeof a === "number" && typeof b === "number") return a > 0 && b > 0 ? rational(a, b) : undefined;
  const up = divideExactly(a, b);
  if (typeof up === "number") return { num: up, den: 1 };
  const down = divideExactly(b, a);
  return typeof down === "number" ? { num: 1, den: down } : undefined;
}

/**
 * Stream rule of a reshape whose target, if it is a constant input, may fix the length of the time axis.
 * `target` is the index of that input; undefined when the operator has none.
 */
export function reshapeRule(
  from: Shape,
  to: Shape,
  axis: number,
  target: { readonly input: number; readonly operand: OperandInfo | undefined } | undefined,
): StreamRule {
  if (from.some((d, i) => d === null && i !== axis)) return refuse("shapeUnknown");
  const place = placeTime(from, to, axis);
  if (!place) return refuse(to.includes(null) ? "shapeUnknown" : "timeMerged");
  const rewrite = target && lengthRewrite(to, place.axis, axis, target);
  if (rewrite === "impossible") return refuse("dataDependent", named("shape"));
  const { num, den } = place.factor;
  if (num === den) return { kind: "perFrame", axis: place.axis, ...(rewrite && { rewrite }) };
  return { kind: "regroup", axis: place.axis, factor: place.factor, ...(rewrite && { rewrite }) };
}

function lengthRewrite(
  to: Shape,
  at: number,
  axis: number,
  { input, operand }: { readonly input: number; readonly operand: OperandInfo | undefined },
): LengthRewrite | undefined | "impossible" {
  const entries = knownInts(operand);
  if (!entries) return "impossible";
  const follows = entries[at] === -1 || (entries[at] === 0 && at === axis);
  // A zero copies the input's extent at the same place; at the old time axis that would copy frames.
  const copiesTime = axis !== at && entries[axis] === 0;
  if (follows && !copiesTime) return undefined;
  const stated = entries.map((e, i) => {
    const d = to[i];
    return i !== at && e <= 0 && typeof d === "number" ? d : e;
  });
  return { input, constant: (frames) => longTensor(stated.map((e, i) => (i === at ? frames : e))) };
}
