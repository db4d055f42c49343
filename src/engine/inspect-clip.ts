import { envelopeOf, measureClip, spectrogramOf } from "../core/audio/clip-measures.ts";
import { mixToMono } from "../core/audio/mix.ts";
import { sha256Hex } from "../core/base/sha256.ts";
import { decodeNpy } from "../core/format/npy/decode-npy.ts";
import { refuseOtherThanClip, sniff } from "../core/format/sniff.ts";
import { decodeWav } from "../core/format/wav/decode-wav.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { StreamAnalysis } from "../core/stream/analysis.ts";
import { framesOfInput } from "./blocks.ts";
import { type ClipSource, openClips } from "./clips.ts";
import type { ClipPreview, ClipSummary } from "./reports.ts";

/** Level, length and identity of one file. Throws audio.* or npy.* for one that cannot be read. */
export function inspectClip(file: string, bytes: Uint8Array): ClipSummary {
  refuseOtherThanClip(bytes, file);
  const sha256 = sha256Hex(bytes);
  if (sniff(bytes, file) === "npy") {
    decodeNpy(bytes, file);
    const none = {
      rateHz: 0,
      channels: 0,
      durationSeconds: 0,
      peak: 0,
      clippedFraction: 0,
      silentFraction: 0,
    };
    return { file, sha256, kind: "tensor", ...none };
  }
  const { rateHz, channels } = decodeWav(bytes, file);
  return {
    file,
    sha256,
    kind: "audio",
    rateHz,
    channels: channels.length,
    durationSeconds: (channels[0]?.length ?? 0) / rateHz,
    ...measureClip(channels, rateHz),
  };
}

/** Waveform and spectrogram of a clip in at most `columns` columns, and the frames that it becomes. */
export async function previewClip(
  source: ClipSource,
  analysis: StreamAnalysis,
  plan: Pick<Plan, "features">,
  columns: number,
): Promise<ClipPreview> {
  const bytes = await source.bytes();
  const features = await featureShapes(source, analysis, plan);
  if (sniff(bytes, source.file) === "npy") {
    const empty = { frames: 0, bins: 0, levels: new Uint8Array() };
    return { columns: 0, envelope: new Float32Array(), spectrogram: empty, durationSeconds: 0, features };
  }
  const { rateHz, channels } = decodeWav(bytes, source.file);
  const mono = mixToMono(channels);
  return {
    columns,
    envelope: envelopeOf(mono, columns),
    spectrogram: spectrogramOf(mono, columns),
    durationSeconds: mono.length / rateHz,
    features,
  };
}

async function featureShapes(
  source: ClipSource,
  analysis: StreamAnalysis,
  plan: Pick<Plan, "features">,
): Promise<ClipPreview["features"]> {
  const [clip] = await openClips([source], analysis, plan);
  const first = await clip?.read(1);
  return Object.entries(first ?? {}).map(([input, t]) => ({
    input,
    shape: t.dims.map((d, i) =>
      i === analysis.axes[input] ? framesOfInput(analysis, input, clip?.frames ?? d) : d,
    ),
  }));
}
