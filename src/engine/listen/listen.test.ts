import { describe, expect, it } from "vitest";
import { noise } from "../../../test/array-clip.ts";
import { overlapAdd } from "../../core/audio/overlap-add.ts";
import { encodeModel } from "../../core/format/onnx/encode-model.ts";
import { makeModel } from "../../core/format/onnx/make-model.ts";
import { encodeWav } from "../../core/format/wav/encode-wav.ts";
import { type Graph, intAttribute, intsAttribute, makeNode, type Shape } from "../../core/ir/graph.ts";
import { floats, type Tensor } from "../../core/ir/tensor.ts";
import { defaultPlan } from "../../core/plan/default-plan.ts";
import type { FeatureSettings, Plan } from "../../core/plan/plan.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { openClips } from "../clips.ts";
import { calibrateModel, evaluate, prepare } from "../evaluate.ts";
import { openModel } from "../open-model.ts";
import { SILENT_JOB } from "../ports.ts";
import { audibleOutputs } from "./audible-outputs.ts";
import { type Listening, listen } from "./listen.ts";

const runtime = createRuntime();
const RATE_HZ = 16_000;
const BASE: FeatureSettings = {
  ...defaultPlan({ name: "", sha256: "" }).features.x,
  kind: "raw",
  rateHz: RATE_HZ,
  hopSamples: 1,
  windowSamples: 16,
  fftSize: 16,
  window: "sqrt-hann",
  melBands: 8,
  coefficients: 4,
  lowHz: 0,
  highHz: 8000,
  mel: "htk",
  power: 2,
  floor: 1e-6,
  center: true,
};
const clipSamples = floats(noise([9000], 7)).map((x) => x / 4);

function convolution(shape: Shape, kernel: readonly number[], pads: readonly number[]): Graph {
  const channels = shape[1] as number;
  const dims = [channels, channels, ...kernel];
  const ones = kernel.map(() => 1);
  return {
    name: "g",
    inputs: [{ name: "x", dtype: "float32", shape }],
    outputs: [{ name: "y", dtype: "float32", shape }],
    initializers: new Map<string, Tensor>([["w", noise(dims, 2)]]),
    nodes: [
      makeNode("Conv", ["x", "w"], ["c"], {
        kernel_shape: intsAttribute(kernel),
        pads: intsAttribute(pads),
        strides: intsAttribute(ones),
        dilations: intsAttribute(ones),
        group: intAttribute(1),
      }),
      makeNode("Tanh", ["c"], ["y"]),
    ],
    values: new Map(),
  };
}

async function heard(
  graph: Graph,
  features: FeatureSettings,
  change: Partial<Plan>,
  samples: Float32Array = clipSamples,
): Promise<Listening> {
  const bytes = encodeModel(makeModel(graph, { opset: 17 }));
  const opened = openModel([{ name: "m.onnx", bytes }]);
  const identity = { name: opened.name, sha256: opened.sha256 };
  const prepared = prepare(opened, defaultPlan(identity, { features: { x: features }, ...change }));
  const stream = prepared.analysis.stream;
  const wav = encodeWav({ rateHz: RATE_HZ, channels: [samples] }, "float32");
  const clips = await openClips([{ file: "a.wav", bytes: async () => wav }], stream, prepared.plan);
  const { statistics } = await calibrateModel(prepared, clips, runtime, SILENT_JOB);
  const evaluation = await evaluate(prepared, statistics, clips, runtime, SILENT_JOB);
  const [audible] = audibleOutputs(stream, prepared.plan, ["y"]);
  const [clip] = clips;
  if (!audible || !clip) throw new Error("nothing to hear");
  const [form = "samples"] = audible.forms;
  return listen(evaluation, { clip, audible, form }, runtime, SILENT_JOB);
}

const trackOf = ({ tracks }: Listening, id: string) => {
  const track = tracks.find((t) => t.id === id);
  if (!track) throw new Error(`no track ${id}`);
  return track.samples;
};

function worst(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] as number))), 0);
}

describe("listen", () => {
  it("renders samples of a look-ahead model so that all tracks run together", async () => {
    const lookahead = convolution([1, 1, "T"], [5], [2, 2]);
    for (const target of ["onnxruntime", "esp32-s3"]) {
      const listening = await heard(lookahead, BASE, { axes: { x: 2 }, chunk: 10, target });
      expect(listening.tracks.map((t) => t.id)).toEqual([
        "input",
        "offline",
        "streaming",
        "quantized",
        "difference",
      ]);
      const offline = trackOf(listening, "offline");
      expect(listening.cutAtSeconds).toBeUndefined();
      // The last two frames wait for input that never comes.
      expect(offline.length).toBe(8998);
      expect(worst(offline, trackOf(listening, "streaming"))).toBeLessThan(1e-5);
      expect(worst(clipSamples.slice(0, 8998), trackOf(listening, "input"))).toBe(0);
      expect(worst(offline, trackOf(listening, "quantized"))).toBeGreaterThan(0);
      expect(listening.sqnrDb).toBeGreaterThan(20);
    }
  });

  it("says where it cuts a long clip", async () => {
    const features = { ...BASE, rateHz: 4000 };
    const lookahead = convolution([1, 1, "T"], [5], [2, 2]);
    const change = { axes: { x: 2 }, chunk: 1000 };
    // Resampled from 16 kHz: 70 s give 280,000 samples, of which a minute has 240,000.
    const long = floats(noise([70 * RATE_HZ], 3));
    const listening = await heard(lookahead, features, change, long);
    expect(listening.cutAtSeconds).toBe(60);
    expect(trackOf(listening, "streaming").length).toBe(239_998);
  });

  it("multiplies the spectrum of the clip by a mask", async () => {
    const features: FeatureSettings = { ...BASE, kind: "stft", hopSamples: 8 };
    const model = convolution([1, 9, "T", 2], [3, 1], [2, 0, 0, 0]);
    const gains: Graph = {
      ...model,
      nodes: [
        ...model.nodes.map((n) => (n.op === "Tanh" ? { ...n, outputs: ["all"] } : n)),
        makeNode("Slice", ["all", "zero", "one", "axis"], ["real"]),
        makeNode("Mul", ["real", "null"], ["none"]),
        makeNode("Add", ["none", "half"], ["y"]),
      ],
      outputs: [{ name: "y", dtype: "float32", shape: [1, 9, "T", 1] }],
    };
    const whole = (values: readonly number[]): Tensor => ({
      dtype: "int64",
      dims: [values.length],
      bytes: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
    });
    const constant = (x: number): Tensor => ({
      dtype: "float32",
      dims: [1],
      bytes: new Uint8Array(Float32Array.of(x).buffer),
    });
    const initializers = new Map([
      ...model.initializers,
      ["zero", whole([0])] as const,
      ["one", whole([1])] as const,
      ["axis", whole([3])] as const,
      ["null", constant(0)] as const,
      ["half", constant(0.5)] as const,
    ]);
    const listening = await heard({ ...gains, initializers }, features, { axes: { x: 2 }, chunk: 4 });
    expect(listening.form).toBe("mask");
    const input = trackOf(listening, "input");
    // A gain of one half everywhere is half the clip.
    expect(
      worst(
        input.map((x) => x / 2),
        trackOf(listening, "offline"),
      ),
    ).toBeLessThan(1e-6);
    expect(worst(clipSamples.slice(0, input.length), input)).toBeLessThan(1e-6);
    expect(overlapAdd(new Float32Array(), features)).toHaveLength(0);
  });
});
