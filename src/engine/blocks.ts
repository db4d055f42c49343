import { concatAxis, filled, sliceAxis } from "../core/ir/axis.ts";
import type { ValueName } from "../core/ir/graph.ts";
import type { Tensor } from "../core/ir/tensor.ts";
import type { StreamAnalysis } from "../core/stream/analysis.ts";

/** Model inputs of one block of frames. */
export type Block = Readonly<Record<ValueName, Tensor>>;

/** The block filled up with zero frames to `length`, and how many frames of it are real. */
export function padFrames(
  block: Block,
  analysis: StreamAnalysis,
  length: number,
): { readonly inputs: Block; readonly frames: number } {
  const inputs: Record<ValueName, Tensor> = {};
  let frames = 0;
  for (const [name, tensor] of Object.entries(block)) {
    const axis = analysis.axes[name];
    if (axis === undefined) {
      inputs[name] = tensor;
      continue;
    }
    frames = tensor.dims[axis] ?? 0;
    const missing = tensor.dims.map((d, i) => (i === axis ? length - frames : d));
    inputs[name] = frames === length ? tensor : concatAxis([tensor, filled("float32", missing, 0)], axis);
  }
  return { inputs, frames };
}

/** The first `length` frames of every streaming input. */
export function firstFrames(inputs: Block, analysis: StreamAnalysis, length: number): Block {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, t]) => {
      const axis = analysis.axes[name];
      return [name, axis === undefined ? t : sliceAxis(t, axis, 0, length)] as const;
    }),
  );
}
