import { copyFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeModel } from "../src/core/format/onnx/encode-model.ts";
import { makeModel } from "../src/core/format/onnx/make-model.ts";
import { type Graph, intAttribute, intsAttribute, makeNode } from "../src/core/ir/graph.ts";
import { floatTensor } from "../src/core/ir/tensor.ts";
import { noiseClip } from "./noise-clip.ts";
import { sampleFile } from "./studio-page.ts";

const BANDS = 16;
const CHANNELS = 12;
const CLASSES = 3;
const KERNEL = 3;

/** Weights between −0.25 and 0.25; always the same. */
function weights(out: number, perOutput: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: out * perOutput }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 32 - 0.5) / 2;
  });
}

/** A detector as somebody trains one at home: causal convolutions with a residual, then classes for every frame. */
function detector(): Uint8Array {
  const conv = (x: string, weight: string, y: string, dilation: number) =>
    makeNode(
      "Conv",
      [x, weight],
      [y],
      {
        kernel_shape: intsAttribute([KERNEL]),
        pads: intsAttribute([(KERNEL - 1) * dilation, 0]),
        strides: intsAttribute([1]),
        dilations: intsAttribute([dilation]),
        group: intAttribute(1),
      },
      `/encoder/${y}`,
    );
  const tensor = (out: number, inner: number, kernel: number, seed: number) =>
    floatTensor([...weights(out, inner * kernel, seed)], [out, inner, kernel]);
  const graph: Graph = {
    name: "door knock detector",
    inputs: [{ name: "mel", dtype: "float32", shape: [1, BANDS, "frames"] }],
    outputs: [{ name: "scores", dtype: "float32", shape: [1, CLASSES, "frames"] }],
    initializers: new Map([
      ["w1", tensor(CHANNELS, BANDS, KERNEL, 1)],
      ["w2", tensor(CHANNELS, CHANNELS, KERNEL, 2)],
      ["w3", tensor(CLASSES, CHANNELS, 1, 3)],
    ]),
    nodes: [
      conv("mel", "w1", "conv1", 1),
      makeNode("Relu", ["conv1"], ["relu1"], {}, "/encoder/relu1"),
      conv("relu1", "w2", "conv2", 2),
      makeNode("Add", ["conv2", "relu1"], ["sum"], {}, "/encoder/sum"),
      makeNode("Relu", ["sum"], ["relu2"], {}, "/encoder/relu2"),
      makeNode("Conv", ["relu2", "w3"], ["logits"], { kernel_shape: intsAttribute([1]) }, "/head/conv"),
      makeNode("Sigmoid", ["logits"], ["scores"], {}, "/head/sigmoid"),
    ],
    values: new Map(),
  };
  return encodeModel(makeModel(graph, { opset: 17 }));
}

export interface OwnProject {
  readonly folder: string;
  readonly model: string;
  readonly clips: readonly string[];
}

/** A folder as a newcomer has one: an own model and two recordings, no plan. */
export function ownProject(): OwnProject {
  const folder = mkdtempSync(join(tmpdir(), "rill-own-"));
  const model = join(folder, "knock-detector.onnx");
  const clips = ["voices.wav", "kitchen-noise.wav"].map((name) => join(folder, name));
  writeFileSync(model, detector());
  copyFileSync(sampleFile("vowels.wav"), clips[0] ?? "");
  writeFileSync(clips[1] ?? "", noiseClip(3));
  return { folder, model, clips };
}
