import type { FeatureSettings } from "../plan/plan.ts";
import { frameCount, makeExtractor } from "./features.ts";

/** Samples handed to the extractor at once: about a second of speech. */
const BLOCK_SAMPLES = 16384;

/** The feature frames of one clip, read in portions. */
export interface FrameSource {
  readonly frames: number;
  /** Values per frame. */
  readonly width: number;
  rewind(): void;
  /** The next `count` frames, fewer at the end, none after it (frames × width). */
  read(count: number): Float32Array;
}

/** Reads frames on demand from mono samples at `fromHz`; keeps about a block of frames beside the samples. */
export function makeFrameSource(
  settings: FeatureSettings,
  samples: Float32Array,
  fromHz: number,
): FrameSource {
  const frames = frameCount(settings, samples.length, fromHz);
  let extractor = makeExtractor(settings, fromHz);
  const { width } = extractor;
  let position = 0;
  let ended = false;
  let queue: Float32Array[] = [];
  let queued = 0;
  const enqueue = (block: Float32Array): void => {
    if (block.length === 0) return;
    queue.push(block);
    queued += block.length;
  };
  const fill = (values: number): void => {
    while (queued < values && !ended) {
      if (position < samples.length) {
        enqueue(extractor.push(samples.subarray(position, position + BLOCK_SAMPLES)));
        position += BLOCK_SAMPLES;
      } else {
        enqueue(extractor.flush());
        ended = true;
      }
    }
  };
  return {
    frames,
    width,
    rewind() {
      extractor = makeExtractor(settings, fromHz);
      position = 0;
      ended = false;
      queue = [];
      queued = 0;
    },
    read(count) {
      fill(count * width);
      const out = new Float32Array(Math.min(count * width, queued));
      let used = 0;
      while (used < out.length) {
        const block = queue.shift();
        if (!block) break;
        const part = block.subarray(0, out.length - used);
        out.set(part, used);
        used += part.length;
        if (part.length < block.length) queue.unshift(block.subarray(part.length));
      }
      queued -= used;
      return out;
    },
  };
}
