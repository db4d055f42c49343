import type { ClipReader } from "../src/engine/clip-reader.ts";

/** The beginning of a clip. */
export function firstFramesOf(clip: ClipReader, frames: number): ClipReader {
  let done = 0;
  const most = Math.min(frames, clip.frames);
  return {
    ...clip,
    frames: most,
    rewind() {
      done = 0;
      clip.rewind();
    },
    async read(count) {
      const length = Math.min(count, most - done);
      done += length;
      return length === 0 ? undefined : clip.read(length);
    },
  };
}
