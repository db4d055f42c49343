import { gatherFrames } from "../../core/audio/gather-frames.ts";
import { overlapAdd } from "../../core/audio/overlap-add.ts";
import { fail } from "../../core/base/problem.ts";
import { sliceAxis } from "../../core/ir/axis.ts";
import type { ValueName } from "../../core/ir/graph.ts";
import { floats, type Tensor } from "../../core/ir/tensor.ts";
import type { FeatureSettings } from "../../core/plan/plan.ts";
import { type Block, padFrames } from "../blocks.ts";
import type { ClipReader } from "../clip-reader.ts";
import type { Evaluation } from "../evaluate.ts";
import { framesAfter, framesUntilTrue } from "../frames-of.ts";
import type { Job, Runtime } from "../ports.ts";
import type { AudibleOutput, SoundForm } from "./audible-outputs.ts";
import { type Rendition, renditions } from "./renditions.ts";

/** Longest part of a clip that is rendered. */
const MOST_SECONDS = 60;

export type TrackId = "input" | Rendition | "difference";

/** One way to hear the clip; all tracks of a clip start together. */
export interface Track {
  readonly id: TrackId;
  readonly samples: Float32Array<ArrayBuffer>;
  /** Root mean square over the whole track; 0 for silence. */
  readonly rms: number;
  readonly peak: number;
}

export interface Listening {
  readonly file: string;
  readonly output: ValueName;
  readonly form: SoundForm;
  readonly rateHz: number;
  /** Present if the clip goes on behind what is rendered. */
  readonly cutAtSeconds?: number;
  /** The clip (if the model reads sound or spectra), then what the output makes of it in float and quantized, and their difference. */
  readonly tracks: readonly Track[];
  /** How far below the float sound the difference lies, in dB; infinite if they are equal. */
  readonly sqnrDb: number;
}

export interface ListenQuestion {
  readonly clip: ClipReader;
  readonly audible: AudibleOutput;
  readonly form: SoundForm;
}

/**
 * Renders an output as sound: float offline, float streaming and quantized streaming, aligned by delay, cut to the frames that
 * all have. Throws `audio.tooShort` if the clip ends before the first true frame.
 */
export async function listen(
  evaluation: Evaluation,
  { clip, audible, form }: ListenQuestion,
  runtime: Runtime,
  job: Job<never>,
): Promise<Listening> {
  const { output, input } = audible;
  const features = evaluation.plan.features[input];
  if (!features) throw new Error(`no features of ${input}`);
  const { block, steps, frames } = await firstMinute(evaluation, clip, features);
  const values = await renditions(evaluation, { output, inputs: block, steps }, runtime, job);
  if (values.size === 0)
    return fail({
      code: "audio.tooShort",
      file: clip.file,
      frames: clip.frames,
      needFrames: framesUntilTrue(evaluation.analysis.stream, [output], evaluation.streaming.model.chunk),
    });
  // Behind the clip's own end there are only the zeros that fill the last step.
  const framesIn = (value: ValueName, tensor: Tensor): Float32Array => {
    const fact = streamFact(evaluation, value);
    const own = Math.min(tensor.dims[fact.axis] ?? 0, framesAfter(fact, frames));
    const kept = sliceAxis(tensor, fact.axis, 0, own);
    return gatherFrames(floats(kept), kept.dims, fact.axis);
  };
  const given = block[input];
  const heard =
    given && features.kind !== "logmel" && features.kind !== "mfcc" ? framesIn(input, given) : undefined;
  const sound = soundOf(form, features, heard);
  const made = [...values].map(([id, tensor]) => [id, sound(framesIn(output, tensor))] as const);
  const length = Math.min(...made.map(([, samples]) => samples.length));
  const tracks = made.map(([id, samples]) => trackOf(id, samples.slice(0, length)));
  const original = heard && trackOf("input", plain(features, heard).slice(0, length));
  const difference = differenceOf(tracks);
  return {
    file: clip.file,
    output,
    form,
    rateHz: audible.rateHz,
    ...(frames < clip.frames && { cutAtSeconds: MOST_SECONDS }),
    tracks: [...(original ? [original] : []), ...tracks, ...(difference ? [difference] : [])],
    sqnrDb: sqnrOf(tracks, difference),
  };
}

/** Whole rounds of the clip's first minute; the frames behind its end are zeros. */
async function firstMinute(
  { analysis, streaming }: Evaluation,
  clip: ClipReader,
  { rateHz, hopSamples }: FeatureSettings,
): Promise<{ block: Block; steps: number; frames: number }> {
  const { roundFrames } = streaming.model;
  const most = Math.floor((MOST_SECONDS * rateHz) / hopSamples / roundFrames) * roundFrames;
  const frames = Math.min(clip.frames, Math.max(roundFrames, most));
  clip.rewind();
  const read = await clip.read(frames);
  clip.rewind();
  const steps = Math.ceil(frames / roundFrames);
  if (!read) return fail({ code: "data.none" });
  return { block: padFrames(read, analysis.stream, steps * roundFrames).inputs, steps, frames };
}

function streamFact({ analysis }: Evaluation, value: ValueName) {
  const fact = analysis.stream.facts.get(value);
  if (fact?.kind !== "stream") throw new Error(`${value} is no stream`);
  return fact;
}

type Samples = Float32Array<ArrayBuffer>;

/** Frames of an output → samples. */
function soundOf(
  form: SoundForm,
  features: FeatureSettings,
  heard: Float32Array | undefined,
): (frames: Float32Array) => Samples {
  if (form === "samples") return (frames) => frames as Samples;
  if (form === "spectrum") return (frames) => overlapAdd(frames, features);
  if (!heard) throw new Error("a mask needs a spectrum");
  return (frames) => overlapAdd(masked(heard, frames, Math.floor(features.fftSize / 2) + 1), features);
}

/** The model's own input as sound. */
function plain(features: FeatureSettings, frames: Float32Array): Samples {
  return features.kind === "stft" ? overlapAdd(frames, features) : (frames as Samples);
}

/** A spectrum times a real or a complex mask, frame by frame. */
function masked(spectrum: Float32Array, mask: Float32Array, bins: number): Float32Array {
  const count = spectrum.length / (2 * bins);
  const complex = mask.length >= spectrum.length;
  const width = complex ? 2 * bins : bins;
  const frames = Math.min(count, Math.floor(mask.length / width));
  const out = new Float32Array(frames * 2 * bins);
  for (let t = 0; t < frames; t++) {
    for (let k = 0; k < bins; k++) {
      const at = t * 2 * bins + k;
      const re = spectrum[at] as number;
      const im = spectrum[at + bins] as number;
      const a = mask[t * width + k] as number;
      const b = complex ? (mask[t * width + bins + k] as number) : 0;
      out[at] = re * a - im * b;
      out[at + bins] = re * b + im * a;
    }
  }
  return out;
}

function trackOf(id: TrackId, samples: Samples): Track {
  let [squares, peak] = [0, 0];
  for (const x of samples) {
    squares += x * x;
    peak = Math.max(peak, Math.abs(x));
  }
  return { id, samples, rms: samples.length > 0 ? Math.sqrt(squares / samples.length) : 0, peak };
}

/** Quantized less float; float streaming less offline where nothing is quantized. */
function differenceOf(tracks: readonly Track[]): Track | undefined {
  const reference = tracks.find((t) => t.id === "offline") ?? tracks.find((t) => t.id === "streaming");
  const other = tracks.find((t) => t.id === "quantized");
  if (!reference || !other) return undefined;
  const samples = reference.samples.map((x, i) => (other.samples[i] as number) - x);
  return trackOf("difference", samples);
}

function sqnrOf(tracks: readonly Track[], difference: Track | undefined): number {
  const reference = tracks.find((t) => t.id === "offline") ?? tracks.find((t) => t.id === "streaming");
  if (!reference || !difference || difference.rms === 0) return Number.POSITIVE_INFINITY;
  return 20 * Math.log10(reference.rms / difference.rms);
}
