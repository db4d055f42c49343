import { seededUniform } from "./seeded-uniform.ts";
import { SAMPLE_RATE_HZ, type Sound } from "./sounds.ts";

/** A sound in its place: how long, and how loud (1 as defined). */
export interface Slot {
  readonly sound: Sound;
  readonly seconds: number;
  readonly level: number;
}

const FADE_SECONDS = 0.04;

/** Sounds one after the other, faded in and out, over a floor of noise of this amplitude. */
export function sequence(seed: number, slots: readonly Slot[], floor: number): Float32Array {
  const noise = seededUniform(seed);
  const parts = slots.map(({ sound, seconds, level }) =>
    Float32Array.from({ length: Math.round(seconds * SAMPLE_RATE_HZ) }, (_, i) => {
      const t = i / SAMPLE_RATE_HZ;
      const fade = Math.min(1, t / FADE_SECONDS, (seconds - t) / FADE_SECONDS);
      return floor * noise() + level * fade * sound.at(t, seconds, noise);
    }),
  );
  const samples = new Float32Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  return samples;
}
