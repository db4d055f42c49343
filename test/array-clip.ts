import { sliceAxis } from "../src/core/ir/axis.ts";
import { floatTensor, sizeOf, type Tensor } from "../src/core/ir/tensor.ts";
import type { ClipReader } from "../src/engine/clip-reader.ts";

/** A clip for one input from a ready-made tensor. */
export function arrayClip(file: string, input: string, tensor: Tensor, axis: number): ClipReader {
  const frames = tensor.dims[axis] ?? 0;
  let at = 0;
  return {
    file,
    frames,
    seconds: frames / 100,
    rewind() {
      at = 0;
    },
    async read(count) {
      if (at >= frames) return undefined;
      const to = Math.min(frames, at + count);
      const block = { [input]: sliceAxis(tensor, axis, at, to) };
      at = to;
      return block;
    },
  };
}

/** Uniform numbers in [−1, 1) from a seed: the same in every engine. */
export function noise(dims: readonly number[], seed = 1): Tensor {
  let state = seed >>> 0 || 1;
  const next = (): number => {
    // xorshift32 (Marsaglia 2003)
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 31 - 1;
  };
  return floatTensor(Array.from({ length: sizeOf(dims) }, next), dims);
}
