import { envelopeOf } from "../../core/audio/clip-measures.ts";
import { mixToMono } from "../../core/audio/mix.ts";
import { decodeWav } from "../../core/format/wav/decode-wav.ts";
import type { Plan } from "../../core/plan/plan.ts";
import type { StreamAnalysis } from "../../core/stream/analysis.ts";
import { type ClipSource, openClips } from "../../engine/clips.ts";
import type { StageProgress, Waveform, WorkerJob } from "../protocol.ts";

export interface WaveformOptions {
  readonly analysis: StreamAnalysis;
  readonly plan: Plan;
  readonly columns: number;
}

/** The clips' waveform on the time axis of a comparison; ready-made tensors are silent stretches. */
export async function waveformOf(
  sources: readonly ClipSource[],
  { analysis, plan, columns }: WaveformOptions,
  job: WorkerJob<StageProgress>,
): Promise<Waveform> {
  const readers = await openClips(sources, analysis, plan);
  const total = readers.reduce((n, r) => n + r.frames, 0);
  const envelope = new Float32Array(2 * columns);
  const starts: { file: string; frame: number }[] = [];
  let frame = 0;
  for (const [done, { file, frames, seconds }] of readers.entries()) {
    job.report({ stage: "read", done, total: readers.length, what: file });
    await job.checkpoint();
    const from = Math.floor((frame * columns) / total);
    const to = Math.max(from + 1, Math.floor(((frame + frames) * columns) / total));
    const source = sources.find((s) => s.file === file);
    if (source && seconds > 0) {
      const mono = mixToMono(decodeWav(await source.bytes(), file).channels);
      envelope.set(envelopeOf(mono, to - from).subarray(0, 2 * (columns - from)), 2 * from);
    }
    starts.push({ file, frame });
    frame += frames;
  }
  return { envelope: job.move(envelope), starts };
}
