import { exp, sin } from "../../src/core/base/elementary.ts";
import { seededUniform } from "./seeded-uniform.ts";

export const SAMPLE_RATE_HZ = 16000;

/** A clip of the sample project: name and mono samples in [−1, 1]. */
export interface SampleClip {
  readonly file: string;
  readonly samples: Float32Array;
}

const TAU = 2 * Math.PI;

/** Everything audible in the samples is synthesised here: tones, sweeps, vowel-like sounds and noise. */
export function sampleClips(): SampleClip[] {
  return [
    {
      file: "tones-and-sweeps.wav",
      samples: sequence(11, [
        tone(440),
        sweep(300, 3200),
        tone(1320),
        noiseBurst,
        sweep(2600, 500),
        tone(700),
      ]),
    },
    {
      file: "vowels.wav",
      samples: sequence(23, [
        vowel(118, 730, 1090),
        vowel(132, 270, 2290),
        noiseBurst,
        vowel(105, 300, 870),
        vowel(210, 660, 1720),
        tone(980),
      ]),
    },
    {
      file: "mixed.wav",
      samples: sequence(37, [
        noiseBurst,
        vowel(160, 530, 1840),
        sweep(500, 1500),
        tone(1760),
        vowel(98, 440, 1020),
        sweep(3000, 1000),
      ]),
    },
  ];
}

/** One sound: sample at `seconds` since its start, of `length` seconds. */
type Sound = (seconds: number, length: number, noise: () => number) => number;

function tone(hz: number): Sound {
  return (t) => 0.35 * sin(TAU * hz * t) + 0.12 * sin(TAU * 2 * hz * t);
}

function sweep(fromHz: number, toHz: number): Sound {
  return (t, length) => 0.4 * sin(TAU * (fromHz * t + ((toHz - fromHz) * t * t) / (2 * length)));
}

const noiseBurst: Sound = (_t, _length, noise) => 0.25 * noise();

/** Harmonics of a voice pitch under two formants (Peterson and Barney 1952 give such pairs), pitch slightly falling. */
function vowel(pitchHz: number, firstHz: number, secondHz: number): Sound {
  return (t, length) => {
    const bend = pitchHz * (t - (0.1 * t * t) / (2 * length));
    let sum = 0;
    for (let k = 1; k * pitchHz < 4000; k++) {
      const hz = k * pitchHz;
      sum += (formant(hz, firstHz, 120) + 0.6 * formant(hz, secondHz, 160)) * sin(TAU * k * bend);
    }
    return 0.3 * sum;
  };
}

function formant(hz: number, centreHz: number, widthHz: number): number {
  const x = (hz - centreHz) / widthHz;
  return exp(-0.5 * x * x);
}

const SOUND_SECONDS = 0.7;
const PAUSE_SECONDS = 0.3;
const FADE_SECONDS = 0.04;

/** Sounds one after the other with pauses, over a floor of quiet noise. */
function sequence(seed: number, sounds: readonly Sound[]): Float32Array {
  const noise = seededUniform(seed);
  const slot = Math.round((SOUND_SECONDS + PAUSE_SECONDS) * SAMPLE_RATE_HZ);
  const samples = new Float32Array(slot * sounds.length + Math.round(PAUSE_SECONDS * SAMPLE_RATE_HZ));
  for (let i = 0; i < samples.length; i++) {
    const at = i / SAMPLE_RATE_HZ - PAUSE_SECONDS;
    const index = Math.floor(at / (SOUND_SECONDS + PAUSE_SECONDS));
    const t = at - index * (SOUND_SECONDS + PAUSE_SECONDS);
    const sound = at >= 0 && t < SOUND_SECONDS ? sounds[index] : undefined;
    samples[i] = 0.002 * noise() + (sound ? fade(t) * sound(t, SOUND_SECONDS, noise) : 0);
  }
  return samples;
}

function fade(t: number): number {
  return Math.min(1, t / FADE_SECONDS, (SOUND_SECONDS - t) / FADE_SECONDS);
}
