import { fail } from "../base/problem.ts";
import type { ValueName } from "../ir/graph.ts";

/** What a solver decides: reals outside are clipped. Not yet widened to include zero. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** The smallest range that holds both. */
export function unionOf(a: Range, b: Range): Range {
  return { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) };
}

/** The range that also holds zero: padding, resets and masks then quantize without a shift. */
export function withZero(range: Range): Range {
  return unionOf(range, { low: 0, high: 0 });
}

export function absMax(range: Range): number {
  return Math.max(-range.low, range.high, 0);
}

/** Throws `quant.notFinite` for a range of this value that no exponent holds. */
export function requireFinite({ low, high }: Range, value: ValueName): void {
  if (!Number.isFinite(low) || !Number.isFinite(high)) fail({ code: "quant.notFinite", value });
}
