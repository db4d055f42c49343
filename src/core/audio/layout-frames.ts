import { fail } from "../base/problem.ts";
import type { FeatureSettings } from "../plan/plan.ts";
import { frameWidth } from "./features.ts";

/** A model input as frames must be laid out for it. */
export interface FrameLayout {
  readonly input: string;
  /** Shape of the model's input; names and null stand for free dimensions. */
  readonly shape: readonly (number | string | null)[];
  /** Its time axis. */
  readonly axis: number;
}

/** Copies frames (frames × width) into an array of the input's shape with the frames on the time axis. */
export type LayOut = (frames: Float32Array) => {
  readonly dims: readonly number[];
  readonly data: Float32Array;
};

/**
 * How frames of these settings fill the input: the values of a frame run over the other axes in row-major order, except that
 * an STFT input of bins × 2 takes real and imaginary parts in turn. Free dimensions become 1, one of them the width if it is
 * needed. Throws `features.mismatch` if the frame does not fit.
 */
export function layoutFrames(settings: FeatureSettings, layout: FrameLayout): LayOut {
  const width = frameWidth(settings);
  const dims = fitDims(layout, width);
  const { axis } = layout;
  const places = placesOf(settings, dims, axis);
  return (frames) => {
    const count = frames.length / width;
    const filled = dims.map((d, i) => (i === axis ? count : d));
    // Row-major: everything after the time axis is contiguous.
    const inner = filled.slice(axis + 1).reduce((n, d) => n * d, 1);
    const data = new Float32Array(frames.length);
    for (let place = 0; place < width; place++) {
      const outer = Math.floor(place / inner);
      const from = places[place] as number;
      let to = outer * count * inner + (place % inner);
      for (let t = 0; t < count; t++, to += inner) data[to] = frames[t * width + from] as number;
    }
    return { dims: filled, data };
  };
}

/** Sizes of all axes; the time axis has 1. */
function fitDims({ input, shape, axis }: FrameLayout, width: number): readonly number[] {
  const known = shape.map((d, i) => (i === axis ? 1 : typeof d === "number" ? d : undefined));
  const size = known.reduce<number>((n, d) => n * (d ?? 1), 1);
  // The first axis is the batch: it takes the width only if no other can.
  const free = known.lastIndexOf(undefined);
  const missing = width / size;
  if (missing !== 1 && (free < 0 || !Number.isInteger(missing))) {
    fail({ code: "features.mismatch", input, needBins: size, haveBins: width });
  }
  return known.map((d, i) => d ?? (i === free ? missing : 1));
}

/** For each place outside time, in row-major order, the value of the frame that stands there. */
function placesOf(settings: FeatureSettings, dims: readonly number[], axis: number): readonly number[] {
  const width = frameWidth(settings);
  const sizes = dims.filter((d, i) => i !== axis && d !== 1);
  const bins = width / 2;
  const interleaved = settings.kind === "stft" && sizes.length === 2 && sizes[1] === 2 && sizes[0] === bins;
  return Array.from({ length: width }, (_, p) => (interleaved ? (p % 2) * bins + (p >> 1) : p));
}
