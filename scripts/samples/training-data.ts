/*
 * Writes the training set of the tone TCN: `npx tsx scripts/samples/training-data.ts FOLDER`.
 * features.npy float32 [clips, bands, frames], labels.npy uint8 [clips, frames]; a clip is the whole receptive field many times over.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeExtractor } from "../../src/core/audio/features.ts";
import { exp, log } from "../../src/core/base/elementary.ts";
import { encodeNpy } from "../../src/core/format/npy/encode-npy.ts";
import { tensorOf } from "../../src/core/ir/tensor.ts";
import { seededUniform } from "./seeded-uniform.ts";
import { type Slot, sequence } from "./sequence.ts";
import {
  noiseBurst,
  SAMPLE_RATE_HZ,
  SOUND_CLASSES,
  type Sound,
  silence,
  sweep,
  tone,
  vowel,
} from "./sounds.ts";
import { TONE_FEATURES } from "./tone-features.ts";

const CLIPS = 480;
const FRAMES = 400;

/** Numbers of one clip; `between` is uniform, `octaves` uniform in the logarithm. */
function draws(seed: number) {
  const next = seededUniform(seed);
  const unit = (): number => (next() + 1) / 2;
  const between = (low: number, high: number): number => low + (high - low) * unit();
  const octaves = (low: number, high: number): number => exp(between(log(low), log(high)));
  return { unit, between, octaves };
}

function randomSound({ unit, between, octaves }: ReturnType<typeof draws>): Sound {
  const kind = SOUND_CLASSES[Math.floor(unit() * SOUND_CLASSES.length)];
  if (kind === "tone") return tone(octaves(180, 2600));
  if (kind === "vowel") return vowel(between(85, 240), between(250, 800), between(850, 2400));
  if (kind === "noise") return noiseBurst;
  if (kind === "silence") return silence;
  const low = octaves(200, 1500);
  const high = low * between(1.8, 6);
  return unit() < 0.5 ? sweep(low, high) : sweep(high, low);
}

/** Slots until the clip is full, and the class of every feature frame: that of the sound at the middle of its window. */
function randomClip(seed: number): { samples: Float32Array; labels: Uint8Array } {
  const random = draws(seed);
  const { hopSamples, windowSamples } = TONE_FEATURES;
  const needed = (FRAMES - 1) * hopSamples + windowSamples;
  const slots: Slot[] = [];
  for (let seconds = 0; seconds * SAMPLE_RATE_HZ < needed; ) {
    const slot = {
      sound: randomSound(random),
      seconds: random.between(0.3, 0.9),
      level: random.octaves(0.3, 1.2),
    };
    slots.push(slot, { sound: silence, seconds: random.between(0.1, 0.4), level: 0 });
    seconds += slot.seconds;
  }
  const samples = sequence(seed + 1, slots, random.octaves(0.0005, 0.004)).subarray(0, needed);
  const ends: number[] = [];
  for (const { seconds } of slots) ends.push((ends.at(-1) ?? 0) + Math.round(seconds * SAMPLE_RATE_HZ));
  const labels = Uint8Array.from({ length: FRAMES }, (_, frame) => {
    const middle = frame * hopSamples + windowSamples / 2;
    return SOUND_CLASSES.indexOf(slots[ends.findIndex((end) => middle < end)]?.sound.kind ?? "silence");
  });
  return { samples, labels };
}

const [folder] = process.argv.slice(2);
if (!folder) throw new Error("usage: npx tsx scripts/samples/training-data.ts FOLDER");
const bands = TONE_FEATURES.melBands;
const features = new Float32Array(CLIPS * bands * FRAMES);
const labels = new Uint8Array(CLIPS * FRAMES);
for (let c = 0; c < CLIPS; c++) {
  const clip = randomClip(1000 + 17 * c);
  const frames = makeExtractor(TONE_FEATURES, SAMPLE_RATE_HZ).push(clip.samples);
  for (let t = 0; t < FRAMES; t++) {
    for (let b = 0; b < bands; b++) features[(c * bands + b) * FRAMES + t] = frames[t * bands + b] ?? 0;
  }
  labels.set(clip.labels, c * FRAMES);
}
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "features.npy"), encodeNpy(tensorOf(features, [CLIPS, bands, FRAMES])));
writeFileSync(join(folder, "labels.npy"), encodeNpy(tensorOf(labels, [CLIPS, FRAMES])));
