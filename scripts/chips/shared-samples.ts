import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { makeFrameSource } from "../../src/core/audio/frame-source.ts";
import { inferFeatures } from "../../src/core/audio/infer-features.ts";
import { layoutFrames } from "../../src/core/audio/layout-frames.ts";
import { mixToMono } from "../../src/core/audio/mix.ts";
import { decodeWav } from "../../src/core/format/wav/decode-wav.ts";
import { concatAxis, sliceAxis } from "../../src/core/ir/axis.ts";
import type { ValueInfo, ValueName } from "../../src/core/ir/graph.ts";
import { floatTensor, sizeOf, type Tensor, tensorOf } from "../../src/core/ir/tensor.ts";
import { realInputs } from "../../src/core/ir/walk.ts";
import type { FeatureSettings } from "../../src/core/plan/plan.ts";
import { filledTensor } from "../../src/core/stream/filled-tensor.ts";
import { type StatePair, stateDims, statePairs } from "../../src/core/stream/state-pairs.ts";
import { encodeGraph } from "../../src/engine/encode-graph.ts";
import type { Sample } from "../../src/engine/esp/place/observe-samples.ts";
import { uniformNoise } from "../../src/engine/noise-clip.ts";
import type { OpenedModel } from "../../src/engine/open-model.ts";
import type { Runtime } from "../../src/engine/ports.ts";
import { sharedData } from "../../test/shared-data.ts";
import { chooseTime } from "../corpus/time-axes.ts";

/** Samples of a model, and in a few words where they come from. */
export interface SharedSamples {
  readonly samples: readonly Sample[];
  readonly said: string;
}

/** Clips of different speakers, rooms and levels. */
const SPEECH = [
  "google__lyra/sample1_16kHz.wav",
  "google__lyra/sample2_16kHz.wav",
  "Xiaobin-Rong__gtcrn/stream_mix.wav",
  "lovemefan__fsmn-vad/vad_example.wav",
  "microsoft__PLC-Challenge/clean.wav",
  "mlcommons__tiny/short_wav_easy10s.wav",
  "bglid__GTCRN-Micro/noisy1.wav",
  "snakers4__silero-vad/test.wav",
];
/** Where the file leaves the length open. */
const OPEN_FRAMES = 64;
const OPEN_SAMPLES = 4096;
/** Of a model that carries states from step to step. */
const OPEN_STEP_FRAMES = 8;
const WARM_STEPS = 20;
const NOISE_SAMPLES = 32;
/** An even number, so that each half of the data has as many of every clip. */
const STRETCHES = 4;
const BATCH = /batch|^n$|^b$|^unk/i;

/**
 * Inputs of a real model: stretches of speech through the front end that its input's shape suggests, states as they are after
 * some steps of the float model; Gaussian noise where an input is no audio. Samples 4k … 4k + 3 are from the same clip.
 */
export async function sharedSamples(opened: OpenedModel, runtime: Runtime): Promise<SharedSamples> {
  const { pairs } = statePairs(opened.normalized, opened.inference);
  const axes = pairs.length > 0 ? dataAxes(opened, pairs) : timeAxes(opened);
  const inputs = realInputs(opened.normalized.graph);
  const spoken = Object.entries(axes).flatMap(([name, axis]): SpokenInput[] => {
    const info = inputs.find((v) => v.name === name);
    const plain = inferFeatures(info?.shape, axis).settings;
    const channels = plain.kind === "tensor" ? channelsOf(info) : 1;
    const settings = channels > 1 ? inferFeatures(oneChannel(info), axis).settings : plain;
    if (!info || settings.kind === "tensor") return [];
    return [{ info, axis, settings, channels, frames: framesOf(info, axis, settings, pairs.length > 0) }];
  });
  const [first] = spoken;
  if (!first) return noise(inputs);
  const kinds = [...new Set(spoken.map((s) => s.settings.kind))].join(", ");
  const warm = pairs.length > 0 ? WARM_STEPS : 0;
  const samples: Sample[] = [];
  const still = inputs.filter((v) => !spoken.some((s) => s.info === v) && !isState(v.name, pairs));
  for (const file of SPEECH) {
    const path = sharedData(`audio/${file}`);
    if (path === undefined) continue;
    const stretches = stretchesOf(path, spoken, warm);
    for (const stretch of stretches)
      samples.push(await carried(opened, runtime, { pairs, spoken, stretch, still }));
  }
  const what =
    pairs.length > 0 ? `${kinds} of speech, states after ${WARM_STEPS} steps` : `${kinds} of speech`;
  return samples.length >= 4 ? { samples, said: `${what}, ${first.frames} frames` } : noise(inputs);
}

/** Every .onnx file of the shared models. */
export function sharedModels(): string[] {
  const folder = sharedData("models");
  if (folder === undefined) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".onnx"))
    .sort()
    .map((name) => join(folder, name));
}

interface SpokenInput {
  readonly info: ValueInfo;
  readonly axis: number;
  readonly settings: FeatureSettings;
  /** Microphone, far end, …: all hear the same. */
  readonly channels: number;
  readonly frames: number;
}

const channelsOf = ({ shape = [] }: Partial<ValueInfo> = {}): number =>
  shape.length === 4 && typeof shape[1] === "number" ? shape[1] : 1;
const oneChannel = ({ shape = [] }: Partial<ValueInfo> = {}) => shape.map((d, i) => (i === 1 ? 1 : d));

type Axes = Readonly<Record<ValueName, number>>;

function timeAxes(opened: OpenedModel): Axes {
  const choice = chooseTime(opened);
  return choice.kind === "axes" ? choice.axes : {};
}

/** The open axis of every input that is no state; else one of extent 1 behind the first, else the last. */
function dataAxes({ normalized }: OpenedModel, pairs: readonly StatePair[]): Axes {
  const data = realInputs(normalized.graph).filter((v) => v.dtype === "float32" && !isState(v.name, pairs));
  return Object.fromEntries(
    data.map(({ name, shape = [] }) => {
      const open = shape.findIndex((d) => typeof d === "string" && !BATCH.test(d));
      const single = shape.findIndex((d, i) => i > 0 && d === 1);
      return [name, open >= 0 ? open : single >= 0 ? single : shape.length - 1];
    }),
  );
}

const isState = (name: ValueName, pairs: readonly StatePair[]): boolean =>
  pairs.some((p) => p.input === name);

function framesOf({ shape }: ValueInfo, axis: number, { kind }: FeatureSettings, stepped: boolean): number {
  // Some exporters write a fixed length as the name of a dimension.
  const declared = Number(shape?.[axis] ?? Number.NaN);
  if (Number.isInteger(declared)) return declared;
  return stepped ? OPEN_STEP_FRAMES : kind === "raw" ? OPEN_SAMPLES : OPEN_FRAMES;
}

/** Stretches spread over a clip, each `warm` steps longer in front than one sample. None if it is too short. */
function stretchesOf(path: string, spoken: readonly SpokenInput[], warm: number): Sample[] {
  const { channels, rateHz } = decodeWav(new Uint8Array(readFileSync(path)), basename(path));
  const mono = mixToMono(channels);
  const stretches = Array.from({ length: STRETCHES }, (): Record<ValueName, Tensor> => ({}));
  for (const { info, axis, settings, channels: copies, frames } of spoken) {
    const source = makeFrameSource(settings, mono, rateHz);
    const needed = frames * (warm + 1);
    const gap = Math.floor((source.frames - STRETCHES * needed) / (STRETCHES + 1));
    if (gap < 0) return [];
    const shape = copies > 1 ? oneChannel({ shape: ones(info, axis) }) : ones(info, axis);
    const layOut = layoutFrames(settings, { input: info.name, shape, axis });
    for (const stretch of stretches) {
      source.read(gap);
      const { dims, data } = layOut(source.read(needed));
      const one = tensorOf(data, dims);
      stretch[info.name] =
        copies > 1
          ? concatAxis(
              Array.from({ length: copies }, () => one),
              1,
            )
          : one;
    }
  }
  return stretches;
}

const ones = ({ shape = [] }: ValueInfo, axis: number) =>
  shape.map((d, i) => (i === axis || typeof d === "number" ? d : 1));

interface Carried {
  readonly pairs: readonly StatePair[];
  readonly spoken: readonly SpokenInput[];
  readonly stretch: Sample;
  readonly still: readonly ValueInfo[];
}

/** The last step of a stretch, with the states that the steps before leave behind. */
async function carried(
  opened: OpenedModel,
  runtime: Runtime,
  { pairs, spoken, stretch, still }: Carried,
): Promise<Sample> {
  const constant = Object.fromEntries(
    still.map((v) => [v.name, filledTensor(v.dtype ?? "float32", dimsOf(v), 0)]),
  );
  if (pairs.length === 0) return { ...stretch, ...constant };
  let states: Record<ValueName, Tensor> = Object.fromEntries(
    pairs.map((p) => [p.input, filledTensor(p.dtype, stateDims(p), p.init ?? 0)]),
  );
  const at = (step: number): Sample => ({
    ...constant,
    ...states,
    ...Object.fromEntries(
      spoken.map(({ info, axis, frames }) => [
        info.name,
        sliceAxis(stretch[info.name] as Tensor, axis, step * frames, (step + 1) * frames),
      ]),
    ),
  });
  const session = await runtime.open(encodeGraph(opened.normalized.graph, opened.normalized.opsets));
  try {
    for (let step = 0; step < WARM_STEPS; step++) {
      const made = await session.run(at(step));
      states = Object.fromEntries(pairs.map((p) => [p.input, made[p.output] as Tensor]));
    }
  } finally {
    await session.release();
  }
  return at(WARM_STEPS);
}

function noise(inputs: readonly ValueInfo[]): SharedSamples {
  const uniform = uniformNoise(1);
  // Sum of 12 uniform numbers in [−1, 1): variance 4.
  const gaussian = (): number => Array.from({ length: 12 }, uniform).reduce((a, b) => a + b, 0) / 2;
  const samples = Array.from({ length: NOISE_SAMPLES }, () =>
    Object.fromEntries(
      inputs.map((v) => {
        const dims = dimsOf(v);
        return [v.name, floatTensor(Float32Array.from({ length: sizeOf(dims) }, gaussian), dims)];
      }),
    ),
  );
  return { samples, said: "Gaussian noise" };
}

const dimsOf = ({ shape = [] }: ValueInfo): number[] =>
  shape.map((d) => (typeof d === "number" ? d : d === null || BATCH.test(d) ? 1 : OPEN_FRAMES));
