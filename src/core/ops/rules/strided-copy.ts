import { byteLength, type Tensor } from "../../ir/tensor.ts";
import { emptyTensor } from "./fold.ts";

/** Where an element of the result comes from: `offset` + Σ coordinate · step, in elements of the source. */
export interface StridedRead {
  readonly dims: readonly number[];
  /** Elements of the source between neighbours on each axis of the result; negative reads backwards. */
  readonly steps: readonly number[];
  readonly offset: number;
}

/** The elements of a tensor that lie on a regular grid, as a tensor of their own. Undefined for strings and sub-byte dtypes. */
export function stridedCopy(source: Tensor, { dims, steps, offset }: StridedRead): Tensor | undefined {
  const width = byteLength(source.dtype, 2) / 2;
  if (source.dtype === "string" || width < 1) return undefined;
  const out = emptyTensor(source.dtype, dims);
  if (out.bytes.length === 0) return out;
  const rank = dims.length;
  const run = dims[rank - 1] ?? 1;
  const step = rank > 0 ? (steps[rank - 1] ?? 0) * width : width;
  const at = new Array<number>(rank).fill(0);
  let from = offset * width;
  for (let to = 0; to < out.bytes.length; to += run * width) {
    copyRun(source.bytes, from, step, out.bytes, to, { run, width });
    // Like an odometer: the last axis is the run itself.
    for (let axis = rank - 2; axis >= 0; axis--) {
      const stride = (steps[axis] ?? 0) * width;
      from += stride;
      at[axis] = (at[axis] ?? 0) + 1;
      if ((at[axis] ?? 0) < (dims[axis] ?? 1)) break;
      from -= stride * (dims[axis] ?? 1);
      at[axis] = 0;
    }
  }
  return out;
}

function copyRun(
  source: Uint8Array,
  from: number,
  step: number,
  target: Uint8Array,
  to: number,
  { run, width }: { readonly run: number; readonly width: number },
): void {
  if (step === width) {
    target.set(source.subarray(from, from + run * width), to);
    return;
  }
  let [read, write] = [from, to];
  for (let i = 0; i < run; i++, read += step)
    for (let b = 0; b < width; b++) target[write++] = source[read + b] as number;
}
