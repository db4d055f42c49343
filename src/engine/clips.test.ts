import { describe, expect, it } from "vitest";
import { noise } from "../../test/array-clip.ts";
import { inferFeatures } from "../core/audio/infer-features.ts";
import { StudioError } from "../core/base/problem.ts";
import { encodeNpy } from "../core/format/npy/encode-npy.ts";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { makeModel } from "../core/format/onnx/make-model.ts";
import { encodeWav } from "../core/format/wav/encode-wav.ts";
import { concatAxis } from "../core/ir/axis.ts";
import { makeNode, type Shape } from "../core/ir/graph.ts";
import { floats, type Tensor } from "../core/ir/tensor.ts";
import type { FeatureSettings } from "../core/plan/plan.ts";
import { analyse } from "./analyse.ts";
import type { ClipReader } from "./clip-reader.ts";
import { type ClipSource, openClips } from "./clips.ts";
import { openModel } from "./open-model.ts";

/** An elementwise model: its one input decides the front end. */
function analysisOf(shape: Shape, axis: number) {
  const graph = {
    name: "g",
    inputs: [{ name: "x", dtype: "float32" as const, shape }],
    outputs: [{ name: "y", dtype: "float32" as const, shape }],
    initializers: new Map<string, Tensor>(),
    nodes: [makeNode("Relu", ["x"], ["y"])],
    values: new Map(),
  };
  const opened = openModel([{ name: "m.onnx", bytes: encodeModel(makeModel(graph, { opset: 17 })) }]);
  return analyse(opened, { x: axis }).stream;
}

const source = (file: string, bytes: Uint8Array): ClipSource => ({ file, bytes: async () => bytes });
const samples = (count: number, seed: number): Float32Array => floats(noise([count], seed));
const wav = (file: string, count: number, seed = 1, rateHz = 16000): ClipSource =>
  source(file, encodeWav({ rateHz, channels: [samples(count, seed)] }, "float32"));

async function all(clip: ClipReader, count: number, axis: number): Promise<Tensor> {
  clip.rewind();
  const parts: Tensor[] = [];
  for (let block = await clip.read(count); block; block = await clip.read(count)) {
    parts.push(block.x as Tensor);
  }
  return concatAxis(parts, axis);
}

async function problemOf(run: Promise<unknown>) {
  return run.then(
    () => undefined,
    (error: unknown) => (error instanceof StudioError ? error.problem : error),
  );
}

const logMel: FeatureSettings = inferFeatures([1, 24, "T"], 2).settings;

describe("openClips", () => {
  it("gives the same frames in blocks of any size, again after a rewind", async () => {
    const analysis = analysisOf([1, 24, "T"], 2);
    const [clip] = await openClips([wav("a.wav", 9000)], analysis, { features: { x: logMel } });
    if (!clip) throw new Error("no clip");
    const whole = await all(clip, 1_000_000, 2);
    expect(whole.dims).toEqual([1, 24, clip.frames]);
    expect((await all(clip, 7, 2)).bytes).toEqual(whole.bytes);
    expect((await all(clip, 1, 2)).bytes).toEqual(whole.bytes);
  });

  it("sorts by file name, so the order of the files does not matter", async () => {
    const analysis = analysisOf([1, 1, "T"], 2);
    const features = { x: inferFeatures([1, 1, "T"], 2).settings };
    const files = [wav("b.wav", 50), wav("B.wav", 60), wav("a.wav", 70)];
    const clips = await openClips(files, analysis, { features });
    expect(clips.map((c) => [c.file, c.frames])).toEqual([
      ["B.wav", 60],
      ["a.wav", 70],
      ["b.wav", 50],
    ]);
  });

  it("takes an .npy as one clip, or as many clips along an extra first axis", async () => {
    const analysis = analysisOf([1, 3, "T"], 2);
    const features = { x: { ...logMel, kind: "tensor" as const } };
    const one = noise([1, 3, 11], 5);
    const [clip] = await openClips([source("one.npy", encodeNpy(one))], analysis, { features });
    expect(clip && (await all(clip, 4, 2)).bytes).toEqual(one.bytes);
    const several = noise([2, 1, 3, 11], 6);
    const clips = await openClips([source("two.npy", encodeNpy(several))], analysis, { features });
    expect(clips.map((c) => c.file)).toEqual(["two.npy#0", "two.npy#1"]);
    const second = clips[1] && (await all(clips[1], 5, 2));
    expect(second?.dims).toEqual([1, 3, 11]);
    expect(second?.bytes).toEqual(several.bytes.slice(several.bytes.length / 2));
  });

  it("names an input that no clip has values for", async () => {
    const info = (name: string, shape: Shape) => ({ name, dtype: "float32" as const, shape });
    const graph = {
      name: "g",
      inputs: [info("x", [1, 24, "T"]), info("gain", [1, 24, 1])],
      outputs: [info("y", [1, 24, "T"])],
      initializers: new Map<string, Tensor>(),
      nodes: [makeNode("Mul", ["x", "gain"], ["y"])],
      values: new Map(),
    };
    const bytes = encodeModel(makeModel(graph, { opset: 17 }));
    const { stream } = analyse(openModel([{ name: "m.onnx", bytes }]), { x: 2 });
    const clips = openClips([wav("a.wav", 9000)], stream, { features: { x: logMel } });
    expect(await problemOf(clips)).toEqual({ code: "data.staticInput", input: "gain" });
  });

  it("finds numbers that are none before they reach the model", async () => {
    const analysis = analysisOf([1, 3, "T"], 2);
    const tensor = { features: { x: { ...logMel, kind: "tensor" as const } } };
    const t = noise([1, 3, 9]);
    floats(t)[5] = Number.NaN;
    const bytes = encodeNpy(t);
    expect(await problemOf(openClips([source("n.npy", bytes)], analysis, tensor))).toMatchObject({
      code: "npy.malformed",
      offset: bytes.length - (27 - 5) * 4,
    });
  });

  it("says what does not fit", async () => {
    const analysis = analysisOf([1, 3, "T"], 2);
    const tensor = { features: { x: { ...logMel, kind: "tensor" as const } } };
    const shape = await problemOf(
      openClips([source("n.npy", encodeNpy(noise([1, 4, 9])))], analysis, tensor),
    );
    expect(shape).toMatchObject({
      code: "npy.shape",
      shape: [1, 4, 9],
      expected: { code: "shape", dims: [1, 3, null] },
    });
    const kind = await problemOf(openClips([wav("a.wav", 100)], analysis, tensor));
    expect(kind).toMatchObject({ code: "features.invalid", key: "x:kind", value: "tensor" });
    const short = await problemOf(
      openClips([wav("a.wav", 0)], analysisOf([1, 24, "T"], 2), { features: { x: logMel } }),
    );
    expect(short).toMatchObject({ code: "audio.tooShort", file: "a.wav" });
    const wide = openClips([wav("a.wav", 9000)], analysis, { features: { x: logMel } });
    expect(await problemOf(wide)).toMatchObject({
      code: "features.mismatch",
      needBins: 3,
      haveBins: 24,
    });
    expect(await problemOf(openClips([], analysis, tensor))).toEqual({ code: "data.none" });
  });
});
