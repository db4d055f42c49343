import type { Track } from "../../../engine/listen/listen.ts";

/** Above this the loudest sample of a track would be cut off. */
const FULL_SCALE = 1;

/**
 * How much louder a track is played: as it is, or at the loudness (root mean square) of the float model's, but never so loud that
 * a sample exceeds full scale. Linear; 1 for silence.
 */
export function gainOf(track: Track, tracks: readonly Track[], match: boolean): number {
  const reference = tracks.find((t) => t.id === "offline") ?? tracks.find((t) => t.id === "streaming");
  if (!match || !reference || track.rms === 0 || reference.rms === 0) return 1;
  return Math.min(reference.rms / track.rms, Math.max(1, FULL_SCALE / track.peak));
}

/** Root mean square in dB of full scale. */
export function levelDb({ rms }: Track): number {
  return 20 * Math.log10(rms);
}
