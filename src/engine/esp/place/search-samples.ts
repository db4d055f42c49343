import { sliceAxis } from "../../../core/ir/axis.ts";
import type { StreamAnalysis } from "../../../core/stream/analysis.ts";
import type { ClipReader } from "../../clip-reader.ts";
import { clipInputs } from "../../compare/clip-inputs.ts";
import type { Sample } from "./observe-samples.ts";

const MOST_SAMPLES = 8;
const MOST_FRAMES = 256;
/** A search has to run all stretches some fifty times: of a large model they are shorter, but long enough for what it remembers. */
const [LEAST_FRAMES, MOST_MACS] = [32, 1e8];

/**
 * Stretches of clips for a search that runs them often: equally long, as many of every clip, spread over it; where there are too
 * many clips, of some spread over all. `round`: what a number of frames must be a multiple of. None if a clip is shorter, or inputs
 * run at different paces.
 */
export async function searchSamples(
  clips: readonly ClipReader[],
  analysis: StreamAnalysis,
  { round, macsPerFrame }: { readonly round: number; readonly macsPerFrame: number },
): Promise<Sample[]> {
  const affordable = Math.max(LEAST_FRAMES, MOST_MACS / MOST_SAMPLES / Math.max(1, macsPerFrame));
  const most = Math.max(round, Math.min(MOST_FRAMES, affordable));
  const frames = Math.floor(Math.min(most, ...clips.map((c) => c.frames)) / round) * round;
  if (analysis.paces || frames === 0) return [];
  const perClip = Math.max(1, Math.floor(MOST_SAMPLES / clips.length));
  const samples: Sample[] = [];
  const chosen = Math.min(clips.length, MOST_SAMPLES);
  // Spread over all clips: they may be sorted by speaker or by room.
  for (let i = 0; i < chosen; i++) {
    const clip = clips[Math.floor((i * clips.length) / chosen)];
    if (!clip) continue;
    const whole = await clipInputs(clip, analysis, round);
    if (!whole) continue;
    const last = Math.floor(clip.frames / round) * round - frames;
    const starts = Array.from({ length: perClip }, (_, k) =>
      perClip === 1 ? 0 : Math.floor((last * k) / (perClip - 1) / round) * round,
    );
    for (const start of new Set(starts)) {
      const cut = Object.entries(whole.inputs).map(([name, tensor]) => {
        const axis = analysis.axes[name];
        return [name, axis === undefined ? tensor : sliceAxis(tensor, axis, start, start + frames)] as const;
      });
      samples.push(Object.fromEntries(cut));
    }
  }
  return samples;
}
