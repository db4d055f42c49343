import { readFileSync } from "node:fs";
import { join } from "node:path";
import { floatTensor, type Tensor } from "../src/core/ir/tensor.ts";
import { type OpenedModel, openModel } from "../src/engine/open-model.ts";
import { ROOT } from "../test/source-imports.ts";

export const INPUT = "features";
const BINS = 24;

/** Frames per second of the features: a hop of 10 ms. */
export const FRAMES_PER_SECOND = 100;

/** The sample that the studio opens on *Try the sample*. */
export function sampleTcn(): OpenedModel {
  const name = "tone-tcn.onnx";
  return openModel([{ name, bytes: new Uint8Array(readFileSync(join(ROOT, "public", "samples", name))) }]);
}

/** Features of `frames` frames from `start`: a slow sweep over the bins. */
export function sweep(start: number, frames: number): Tensor {
  const values = new Float32Array(BINS * frames);
  for (let bin = 0; bin < BINS; bin++) {
    for (let t = 0; t < frames; t++) values[bin * frames + t] = Math.sin((start + t) * 0.01 * (bin + 1));
  }
  return floatTensor(values, [1, BINS, frames]);
}
