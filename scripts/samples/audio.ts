import { type Slot, sequence } from "./sequence.ts";
import { noiseBurst, type Sound, silence, sweep, tone, vowel } from "./sounds.ts";

/** A clip of the sample projects: name and mono samples in [−1, 1]. */
export interface SampleClip {
  readonly file: string;
  readonly samples: Float32Array;
  /** What is heard, one after the other. */
  readonly slots: readonly Slot[];
}

/** Everything audible in the samples is synthesised here: tones, sweeps, vowel-like sounds and noise. */
export function sampleClips(): SampleClip[] {
  return [
    clip("tones-and-sweeps.wav", 11, [
      tone(440),
      sweep(300, 3200),
      tone(1320),
      noiseBurst,
      sweep(2600, 500),
      tone(700),
    ]),
    clip("vowels.wav", 23, [
      vowel(118, 730, 1090),
      vowel(132, 270, 2290),
      noiseBurst,
      vowel(105, 300, 870),
      vowel(210, 660, 1720),
      tone(980),
    ]),
    clip("mixed.wav", 37, [
      noiseBurst,
      vowel(160, 530, 1840),
      sweep(500, 1500),
      tone(1760),
      vowel(98, 440, 1020),
      sweep(3000, 1000),
    ]),
  ];
}

/** Sounds of 0.7 s between pauses of 0.3 s. */
function clip(file: string, seed: number, sounds: readonly Sound[]): SampleClip {
  const pause: Slot = { sound: silence, seconds: 0.3, level: 0 };
  const slots = [...sounds.flatMap((sound) => [pause, { sound, seconds: 0.7, level: 1 }]), pause];
  return { file, slots, samples: sequence(seed, slots, 0.002) };
}
