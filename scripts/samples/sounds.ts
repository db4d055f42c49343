import { exp, sin } from "../../src/core/base/elementary.ts";
import type { seededUniform } from "./seeded-uniform.ts";

export const SAMPLE_RATE_HZ = 16000;

/** What the sample model tells apart, in the order of its output channels. */
export const SOUND_CLASSES = ["silence", "tone", "sweep", "vowel", "noise"] as const;
export type SoundClass = (typeof SOUND_CLASSES)[number];

type Noise = ReturnType<typeof seededUniform>;

/** One sound: its sample at `seconds` since its start, of `length` seconds, at a level that does not clip. */
export interface Sound {
  readonly kind: SoundClass;
  readonly at: (seconds: number, length: number, noise: Noise) => number;
}

const TAU = 2 * Math.PI;

export const silence: Sound = { kind: "silence", at: () => 0 };

export const noiseBurst: Sound = { kind: "noise", at: (_t, _length, noise) => 0.25 * noise() };

/** A tone with a softer octave. */
export function tone(hz: number): Sound {
  return { kind: "tone", at: (t) => 0.35 * sin(TAU * hz * t) + 0.12 * sin(TAU * 2 * hz * t) };
}

/** A linear chirp. */
export function sweep(fromHz: number, toHz: number): Sound {
  return {
    kind: "sweep",
    at: (t, length) => 0.4 * sin(TAU * (fromHz * t + ((toHz - fromHz) * t * t) / (2 * length))),
  };
}

/** RMS level of a vowel; its peaks are about four times as high. */
const VOWEL_LEVEL = 0.14;

/** Harmonics of a slightly falling pitch under two formants (Peterson and Barney 1952 list such pairs). */
export function vowel(pitchHz: number, firstHz: number, secondHz: number): Sound {
  const harmonics: number[] = [];
  for (let hz = pitchHz; hz < 4000; hz += pitchHz) {
    harmonics.push(formant(hz, firstHz, 120) + 0.6 * formant(hz, secondHz, 160));
  }
  const power = harmonics.reduce((sum, level) => sum + (level * level) / 2, 0);
  const scale = VOWEL_LEVEL / Math.sqrt(power);
  const at = (t: number, length: number): number => {
    const cycles = pitchHz * (t - (0.1 * t * t) / (2 * length));
    return scale * harmonics.reduce((sum, level, i) => sum + level * sin(TAU * (i + 1) * cycles), 0);
  };
  return { kind: "vowel", at };
}

function formant(hz: number, centreHz: number, widthHz: number): number {
  const x = (hz - centreHz) / widthHz;
  return exp(-0.5 * x * x);
}
