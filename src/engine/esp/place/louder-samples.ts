import { floats, floatTensor, type Tensor } from "../../../core/ir/tensor.ts";
import type { Sample } from "./observe-samples.ts";

/** A copy of a sample at another level, and how much its error counts beside that of a real one. */
export interface LouderSample {
  readonly sample: Sample;
  readonly weight: number;
}

/**
 * By width. What a model meets later is sooner or later louder than all it was calibrated on. At 16 bits rounding is so small that
 * one clipped value outweighs it, so half as loud again must fit; at 8 bits headroom costs as much as it saves, so a quarter more
 * has a say. Measured on parts of calibration data and of speech of which each was held back once.
 */
const LOUDER = { 8: { factor: 1.25, weight: 0.1 }, 16: { factor: 1.5, weight: 0.1 } } as const;

/** Every sample, louder: together they stand for what calibration has not heard. */
export function louderSamples(samples: readonly Sample[], bits: 8 | 16): LouderSample[] {
  const { factor, weight } = LOUDER[bits];
  return samples.map((sample) => ({ sample: atLevel(sample, factor), weight }));
}

/** Levels at which everything rounds otherwise and nothing else changes much. */
const NEAR_LEVELS = [31 / 32, 33 / 32, 15 / 16, 17 / 16];
/** So many output numbers tell an error from luck. */
const ENOUGH_OUTPUTS = 2048;

/**
 * Copies of the samples at nearly their own level, where all outputs together are only a few numbers: a choice that makes these
 * few exact by luck does not make the copies exact. `outputs`: numbers that one sample gives; `most`: copies that can be afforded.
 */
export function nearSamples(samples: readonly Sample[], outputs: number, most: number): Sample[] {
  const missing = Math.ceil(ENOUGH_OUTPUTS / Math.max(1, samples.length * outputs)) - 1;
  const levels = NEAR_LEVELS.slice(0, Math.max(0, Math.min(missing, Math.floor(most / samples.length))));
  return levels.flatMap((level) => samples.map((sample) => atLevel(sample, level)));
}

function atLevel(sample: Sample, factor: number): Sample {
  return Object.fromEntries(Object.entries(sample).map(([name, tensor]) => [name, scaled(tensor, factor)]));
}

function scaled(tensor: Tensor, factor: number): Tensor {
  return tensor.dtype === "float32"
    ? floatTensor(
        floats(tensor).map((x) => x * factor),
        tensor.dims,
      )
    : tensor;
}
