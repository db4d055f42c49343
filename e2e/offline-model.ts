import * as ort from "onnxruntime-web/wasm";
import { makeFrameSource } from "../src/core/audio/frame-source.ts";
import { layoutFrames } from "../src/core/audio/layout-frames.ts";
import { mixToMono } from "../src/core/audio/mix.ts";
import { decodeModel } from "../src/core/format/onnx/decode-model.ts";
import { encodeModel } from "../src/core/format/onnx/encode-model.ts";
import { decodeWav } from "../src/core/format/wav/decode-wav.ts";
import type { Plan } from "../src/core/plan/plan.ts";
import { openSession } from "./run-package.ts";

/** Frames of one input [1, bins, frames]: a value per bin and frame, bin by bin. */
export interface Frames {
  readonly bins: number;
  readonly count: number;
  readonly data: Float32Array;
}

/** A clip as the front end of a plan turns it into frames of `input`, whose layout is [1, bins, frames]. */
export function framesOfClip(plan: Plan, input: string, bins: number, wav: Uint8Array): Frames {
  const settings = plan.features[input];
  if (!settings) throw new Error(`the plan has no features of ${input}`);
  const { channels, rateHz } = decodeWav(wav, "clip.wav");
  const source = makeFrameSource(settings, mixToMono(channels), rateHz);
  const layOut = layoutFrames(settings, { input, shape: [1, bins, "frames"], axis: 2 });
  const { dims, data } = layOut(source.read(source.frames));
  return { bins, count: dims[2] ?? 0, data: Float32Array.from(data) };
}

/** Frames `from` ≤ f < `to` as a tensor [1, bins, to − from]. */
export function span({ bins, count, data }: Frames, from: number, to: number): ort.Tensor {
  const part = new Float32Array(bins * (to - from));
  for (let bin = 0; bin < bins; bin++) {
    part.set(data.subarray(bin * count + from, bin * count + to), bin * (to - from));
  }
  return new ort.Tensor("float32", part, [1, bins, to - from]);
}

/** The model file as it is, but declared for any number of frames on the last axis of its input. */
export async function openAtAnyLength(file: Uint8Array): Promise<ort.InferenceSession> {
  const model = decodeModel(file);
  const inputs = model.graph.inputs.map((v) => ({
    ...v,
    shape: (v.shape ?? []).map((d, axis) => (axis === 2 ? "frames" : d)),
  }));
  return openSession(encodeModel({ ...model, graph: { ...model.graph, inputs, values: new Map() } }));
}
