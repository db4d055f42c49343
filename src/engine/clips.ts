import { checkFeatures } from "../core/audio/check-features.ts";
import { frameCount } from "../core/audio/features.ts";
import { type FrameSource, makeFrameSource } from "../core/audio/frame-source.ts";
import { layoutFrames } from "../core/audio/layout-frames.ts";
import { mixToMono } from "../core/audio/mix.ts";
import { type Detail, named } from "../core/base/detail.ts";
import { fail } from "../core/base/problem.ts";
import { ONE } from "../core/base/rational.ts";
import { decodeNpy } from "../core/format/npy/decode-npy.ts";
import { refuseOtherThanClip, sniff } from "../core/format/sniff.ts";
import { decodeWav } from "../core/format/wav/decode-wav.ts";
import { sliceAxis } from "../core/ir/axis.ts";
import type { Shape, ValueName } from "../core/ir/graph.ts";
import { elements, floats, floatTensor, sizeOf, type Tensor, tensorOf } from "../core/ir/tensor.ts";
import { realInputs } from "../core/ir/walk.ts";
import type { FeatureSettings, Plan } from "../core/plan/plan.ts";
import type { InputPace, StreamAnalysis } from "../core/stream/analysis.ts";
import type { ClipReader } from "./clip-reader.ts";

/** A file of audio or frames, read when it is needed. */
export interface ClipSource {
  readonly file: string;
  bytes(): Promise<Uint8Array>;
}

interface StreamingInput {
  readonly name: ValueName;
  readonly shape: Shape;
  readonly axis: number;
  readonly features: FeatureSettings;
  readonly pace: InputPace;
}

/**
 * Clips as the model's inputs see them, sorted by file name in code units, so that the order in which files were given
 * does not reach the results. One clip's samples are in memory at a time. An .npy with one axis more than the input
 * holds several clips. Throws audio.*, npy.*, features.*, `data.none` if there is no clip, and `data.staticInput` for an
 * input that does not stream: no clip has values for it.
 */
export async function openClips(
  sources: readonly ClipSource[],
  analysis: StreamAnalysis,
  plan: Pick<Plan, "features">,
): Promise<ClipReader[]> {
  const still = realInputs(analysis.graph).find((v) => analysis.axes[v.name] === undefined);
  if (still) fail({ code: "data.staticInput", input: still.name });
  const inputs = streamingInputs(analysis, plan);
  const sorted = [...sources].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
  const clips: ClipReader[] = [];
  for (const source of sorted) {
    const bytes = await source.bytes();
    refuseOtherThanClip(bytes, source.file);
    clips.push(
      ...(sniff(bytes, source.file) === "npy"
        ? tensorClips(source, bytes, inputs)
        : [audioClip(source, bytes, inputs)]),
    );
  }
  if (clips.length === 0) fail({ code: "data.none" });
  return clips;
}

function streamingInputs(analysis: StreamAnalysis, plan: Pick<Plan, "features">): StreamingInput[] {
  return Object.entries(analysis.axes).map(([name, axis]) => {
    const shape = analysis.inference.info(name).shape ?? [];
    const features =
      plan.features[name] ??
      fail({
        code: "features.invalid",
        key: "input",
        value: name,
        expected: named(Object.keys(plan.features).join(" | ")),
      });
    checkFeatures(features);
    return { name, shape, axis, features, pace: analysis.paces?.[name] ?? { rate: ONE, delay: 0 } };
  });
}

/** What a clip needs to know: how many frames it has, and how to start reading them. */
interface Recipe {
  readonly file: string;
  readonly frames: number;
  readonly seconds: number;
  start(): Promise<(count: number) => Readonly<Record<ValueName, Tensor>>>;
}

/** A reader that decodes on its first read after a rewind and lets go of the samples at the end. */
function reader({ file, frames, seconds, start }: Recipe): ClipReader {
  let next: ((count: number) => Readonly<Record<ValueName, Tensor>>) | undefined;
  let done = 0;
  return {
    file,
    frames,
    seconds,
    rewind() {
      next = undefined;
      done = 0;
    },
    async read(count) {
      if (done >= frames) {
        next = undefined;
        return undefined;
      }
      next ??= await start();
      const length = Math.min(count, frames - done);
      done += length;
      return next(length);
    },
  };
}

function audioClip(source: ClipSource, bytes: Uint8Array, inputs: readonly StreamingInput[]): ClipReader {
  const { file } = source;
  const audio = decodeWav(bytes, file);
  const samples = audio.channels[0]?.length ?? 0;
  for (const { features, name } of inputs) {
    if (features.kind === "tensor")
      fail({
        code: "features.invalid",
        key: `${name}:kind`,
        value: "tensor",
        expected: named("raw | logmel | mfcc | stft"),
      });
  }
  const counts = inputs.map(({ features, pace: { rate, delay } }) =>
    Math.floor(((frameCount(features, samples, audio.rateHz) + delay) * rate.den) / rate.num),
  );
  const frames = Math.min(...counts);
  if (frames < 1) fail({ code: "audio.tooShort", file, frames, needFrames: 1 });
  const layouts = inputs.map(({ name, shape, axis, features }) =>
    layoutFrames(features, { input: name, shape, axis }),
  );
  return reader({
    file,
    frames,
    seconds: samples / audio.rateHz,
    async start() {
      const { channels, rateHz } = decodeWav(await source.bytes(), file);
      const mono = mixToMono(channels);
      const feeds = inputs.map(({ name, features, pace }, i) => ({
        name,
        next: framesAtPace(makeFrameSource(features, mono, rateHz), pace),
        layOut: layouts[i] as (typeof layouts)[number],
      }));
      return (count) =>
        Object.fromEntries(
          feeds.map((feed) => {
            const { dims, data } = feed.layOut(feed.next(count));
            return [feed.name, tensorOf(data, dims)] as const;
          }),
        );
    },
  });
}

/** Frames of one input by model-input frames: at its own rate, with zero frames for those that it comes late. */
function framesAtPace(source: FrameSource, { rate, delay }: InputPace): (count: number) => Float32Array {
  let [done, silent] = [0, delay];
  const at = (frames: number): number => Math.floor((frames * rate.num) / rate.den);
  return (count) => {
    const wanted = at(done + count) - at(done);
    done += count;
    const late = Math.min(silent, wanted);
    silent -= late;
    const frames = source.read(wanted - late);
    if (late === 0) return frames;
    const all = new Float32Array(late * source.width + frames.length);
    all.set(frames, late * source.width);
    return all;
  };
}

function tensorClips(source: ClipSource, bytes: Uint8Array, inputs: readonly StreamingInput[]): ClipReader[] {
  const { file } = source;
  const [input] = inputs;
  const tensor = decodeNpy(bytes, file);
  const shape = tensor.dims;
  const item = tensor.bytes.length / Math.max(1, sizeOf(shape));
  const wrong = floats(asFloat(tensor)).findIndex((x) => !Number.isFinite(x));
  if (wrong >= 0) {
    const offset = bytes.length - tensor.bytes.length + wrong * item;
    fail({ code: "npy.malformed", file, offset, what: { code: "notFinite" } });
  }
  if (!input || inputs.length > 1)
    fail({ code: "npy.shape", file, shape, expected: { code: "oneStreamingInput" } });
  const { name, axis } = input;
  const several = fits(shape.slice(1), input);
  if (!several && !fits(shape, input)) {
    fail({ code: "npy.shape", file, shape, expected: expectedShape(input) });
  }
  const count = several ? (shape[0] ?? 0) : 1;
  return Array.from({ length: count }, (_, index) => {
    const frames = shape[several ? axis + 1 : axis] ?? 0;
    return reader({
      file: several ? `${file}#${index}` : file,
      frames,
      seconds: 0,
      async start() {
        const whole = asFloat(decodeNpy(await source.bytes(), file));
        const one = several ? withoutFirst(sliceAxis(whole, 0, index, index + 1)) : whole;
        let at = 0;
        return (length) => {
          at += length;
          return { [name]: sliceAxis(one, axis, at - length, at) };
        };
      },
    });
  });
}

function fits(dims: readonly number[], { shape, axis }: StreamingInput): boolean {
  return (
    dims.length === shape.length &&
    dims.every((d, i) => i === axis || typeof shape[i] !== "number" || d === shape[i])
  );
}

function expectedShape({ shape, axis }: StreamingInput): Detail {
  return { code: "shape", dims: shape.map((d, i) => (i === axis ? null : (d ?? "?"))) };
}

function withoutFirst(t: Tensor): Tensor {
  return { ...t, dims: t.dims.slice(1) };
}

function asFloat(t: Tensor): Tensor {
  return t.dtype === "float32"
    ? t
    : floatTensor(Array.from(elements(t) as ArrayLike<number>, Number), t.dims);
}
