import { ONE } from "../core/base/rational.ts";
import { concatAxis, filled, sliceAxis } from "../core/ir/axis.ts";
import type { ValueName } from "../core/ir/graph.ts";
import type { Tensor } from "../core/ir/tensor.ts";
import type { StreamAnalysis } from "../core/stream/analysis.ts";
import { framesAfter } from "./frames-of.ts";

/** Model inputs of one block of frames. */
export type Block = Readonly<Record<ValueName, Tensor>>;

/** Frames of a streaming input, those of its own delay in front included, after so many frames of the model input. */
export function framesOfInput(
  { facts }: Pick<StreamAnalysis, "facts">,
  name: ValueName,
  frames: number,
): number {
  const fact = facts.get(name);
  return fact?.kind === "stream" ? framesAfter(fact, frames) : frames;
}

/** The block filled up with zero frames to `length` model-input frames, and how many of these are real. */
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
    const own = tensor.dims[axis] ?? 0;
    const { num, den } = analysis.paces?.[name]?.rate ?? ONE;
    frames = Math.max(frames, Math.floor((own * den) / num));
    const wanted = framesOfInput(analysis, name, length);
    const missing = tensor.dims.map((d, i) => (i === axis ? wanted - own : d));
    inputs[name] = own === wanted ? tensor : concatAxis([tensor, filled("float32", missing, 0)], axis);
  }
  return { inputs, frames };
}

/** What every streaming input has in the first `length` model-input frames. */
export function firstFrames(inputs: Block, analysis: StreamAnalysis, length: number): Block {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, t]) => {
      const axis = analysis.axes[name];
      return [
        name,
        axis === undefined ? t : sliceAxis(t, axis, 0, framesOfInput(analysis, name, length)),
      ] as const;
    }),
  );
}

/** The inputs as offline takes them: those that come late in a stream begin with their first true frame. */
export function offlineInputs(inputs: Block, { axes, paces }: StreamAnalysis): Block {
  if (!paces) return inputs;
  return Object.fromEntries(
    Object.entries(inputs).map(([name, t]) => {
      const [axis, delay] = [axes[name], paces[name]?.delay ?? 0];
      if (axis === undefined || delay === 0) return [name, t] as const;
      const frames = t.dims[axis] ?? 0;
      return [name, sliceAxis(t, axis, Math.min(delay, frames), frames)] as const;
    }),
  );
}
