import type { Audio } from "./decode-wav.ts";

/**
 * A WAV file of 16-bit integers (rounded half up, clipped) or 32-bit floats (bits kept).
 * Throws RangeError if the channels differ in length.
 */
export function encodeWav(audio: Audio, coding: "int16" | "float32"): Uint8Array {
  const { channels, rateHz } = audio;
  const frames = channels[0]?.length ?? 0;
  if (channels.some((c) => c.length !== frames)) throw new RangeError("channels differ in length");
  const sampleBytes = coding === "int16" ? 2 : 4;
  const frameBytes = sampleBytes * channels.length;
  const bytes = new Uint8Array(44 + frames * frameBytes);
  const view = new DataView(bytes.buffer);
  const text = (offset: number, word: string): void =>
    bytes.set(
      Uint8Array.from(word, (c) => c.charCodeAt(0)),
      offset,
    );
  text(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, coding === "int16" ? 1 : 3, true);
  view.setUint16(22, channels.length, true);
  view.setUint32(24, rateHz, true);
  view.setUint32(28, rateHz * frameBytes, true);
  view.setUint16(32, frameBytes, true);
  view.setUint16(34, 8 * sampleBytes, true);
  text(36, "data");
  view.setUint32(40, frames * frameBytes, true);
  channels.forEach((samples, c) => {
    for (let i = 0, p = 44 + c * sampleBytes; i < frames; i++, p += frameBytes) {
      const x = samples[i] ?? 0;
      if (coding === "float32") view.setFloat32(p, x, true);
      else view.setInt16(p, Math.max(-32768, Math.min(32767, Math.floor(x * 32768 + 0.5))), true);
    }
  });
  return bytes;
}
