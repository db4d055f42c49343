import type { Dim, Shape } from "../../ir/graph.ts";
import type { OperandInfo } from "../op.ts";
import { sameDim } from "./dim.ts";

/** NumPy broadcasting of all operands' shapes; undefined if a rank is unknown. Contradictions give an unknown dim. */
export function broadcastShapes(operands: readonly (OperandInfo | undefined)[]): Shape | undefined {
  let out: Shape = [];
  for (const operand of operands) {
    if (!operand?.shape) return undefined;
    out = broadcastPair(out, operand.shape);
  }
  return out;
}

export function broadcastPair(a: Shape, b: Shape): Shape {
  if (a.length === 0 || a === b) return b;
  if (b.length === 0) return a;
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const da = i - rank + a.length < 0 ? 1 : (a[i - rank + a.length] ?? null);
    const db = i - rank + b.length < 0 ? 1 : (b[i - rank + b.length] ?? null);
    return broadcastDim(da, db);
  });
}

function broadcastDim(a: Dim, b: Dim): Dim {
  if (a === 1) return b;
  if (b === 1 || sameDim(a, b)) return a;
  // A known extent above 1 wins: the other side can only be 1 or equal to it.
  if (typeof a === "number") return typeof b === "number" ? null : a;
  if (typeof b === "number") return b;
  return null;
}

/** Row-major strides. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length).fill(1);
  for (let i = dims.length - 2; i >= 0; i--) strides[i] = (strides[i + 1] ?? 1) * (dims[i + 1] ?? 1);
  return strides;
}

/** For every element of `out` (row-major) the flat index into a tensor of `dims` broadcast to it. */
export function broadcastIndex(dims: readonly number[], out: readonly number[]): (flat: number) => number {
  const own = stridesOf(dims);
  const outStrides = stridesOf(out);
  const shift = out.length - dims.length;
  const steps = out.map((_, i) => (i < shift || dims[i - shift] === 1 ? 0 : (own[i - shift] ?? 0)));
  return (flat) => {
    let rest = flat;
    let at = 0;
    for (let i = 0; i < out.length; i++) {
      const stride = outStrides[i] ?? 1;
      const k = Math.floor(rest / stride);
      rest -= k * stride;
      at += k * (steps[i] ?? 0);
    }
    return at;
  };
}

/** The same for all elements of `out` at once; undefined if the tensor has the same elements in the same order. */
export function broadcastOffsets(dims: readonly number[], out: readonly number[]): Int32Array | undefined {
  if (dims.length === out.length && dims.every((d, i) => d === out[i])) return undefined;
  const own = stridesOf(dims);
  const shift = out.length - dims.length;
  let offsets = new Int32Array(1);
  for (const [i, extent] of out.entries()) {
    const step = i < shift || dims[i - shift] === 1 ? 0 : (own[i - shift] ?? 0);
    const next = new Int32Array(offsets.length * extent);
    let at = 0;
    for (const offset of offsets) for (let k = 0; k < extent; k++) next[at++] = offset + k * step;
    offsets = next;
  }
  return offsets;
}
