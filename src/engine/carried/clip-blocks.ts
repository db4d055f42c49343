import { sliceAxis } from "../../core/ir/axis.ts";
import type { ValueName } from "../../core/ir/graph.ts";
import type { Tensor } from "../../core/ir/tensor.ts";
import type { StreamAnalysis } from "../../core/stream/analysis.ts";
import { type Block, framesOfInput, padFrames } from "../blocks.ts";
import type { ClipReader } from "../clip-reader.ts";

/** The clip from its start in blocks of whole steps; the last step is filled up with zero frames. */
export async function* clipBlocks(
  clip: ClipReader,
  analysis: StreamAnalysis,
  { chunk, steps }: { readonly chunk: number; readonly steps: number },
): AsyncGenerator<{ readonly inputs: Block; readonly frames: number; readonly steps: number }> {
  clip.rewind();
  const [name = "", axis = 0] = Object.entries(analysis.axes)[0] ?? [];
  for (;;) {
    const block = await clip.read(steps * chunk);
    if (!block) return;
    const read = block[name]?.dims[axis] ?? 0;
    const whole = Math.ceil(read / chunk);
    yield { inputs: padFrames(block, analysis, whole * chunk).inputs, frames: read, steps: whole };
  }
}

/** One step's part of whole inputs; inputs without a time axis as they are. */
export function stepInputs(
  inputs: Block,
  analysis: StreamAnalysis,
  chunk: number,
  step: number,
): Record<ValueName, Tensor> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, t]) => {
      const axis = analysis.axes[name];
      if (axis === undefined) return [name, t] as const;
      const perStep = framesOfInput(analysis, name, chunk);
      return [name, sliceAxis(t, axis, step * perStep, (step + 1) * perStep)] as const;
    }),
  );
}
