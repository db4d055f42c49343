import { encodeWav } from "../src/core/format/wav/encode-wav.ts";

/** Seconds of noise at 16 kHz as the bytes of a WAV file; always the same noise. */
export function noiseClip(seconds: number): Uint8Array {
  let state = 1;
  const samples = Float32Array.from({ length: seconds * 16_000 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
  return encodeWav({ rateHz: 16_000, channels: [samples] }, "int16");
}
