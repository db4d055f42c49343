import { sizeOf, type Tensor } from "../core/ir/tensor.ts";

/**
 * First and last frame along `axis` in which two tensors of one shape differ in any bit; the whole tensor is frame 0
 * without an axis. undefined if they are equal.
 */
export function changedFrames(
  a: Tensor,
  b: Tensor,
  axis: number | undefined,
): { readonly first: number; readonly last: number } | undefined {
  const frames = axis === undefined ? 1 : (a.dims[axis] ?? 1);
  const elements = sizeOf(a.dims);
  const inner = axis === undefined ? elements : sizeOf(a.dims.slice(axis + 1));
  const frameBytes = inner * (a.bytes.length / Math.max(1, elements));
  let first = Number.POSITIVE_INFINITY;
  let last = -1;
  for (let from = 0, block = 0; from < a.bytes.length; from += frameBytes, block++) {
    const frame = block % frames;
    if (frame >= first && frame <= last) continue;
    if (!differs(a.bytes, b.bytes, from, from + frameBytes)) continue;
    first = Math.min(first, frame);
    last = Math.max(last, frame);
  }
  return last < 0 ? undefined : { first, last };
}

function differs(a: Uint8Array, b: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (a[i] !== b[i]) return true;
  return false;
}
