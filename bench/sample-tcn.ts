import { encodeModel } from "../src/core/format/onnx/encode-model.ts";
import { makeModel } from "../src/core/format/onnx/make-model.ts";
import { intsAttribute, makeNode, type Node } from "../src/core/ir/graph.ts";
import { floatTensor, type Tensor } from "../src/core/ir/tensor.ts";
import { type OpenedModel, openModel } from "../src/engine/open-model.ts";

export const INPUT = "features";
export const BINS = 40;
const CHANNELS = 16;

/** Frames per second of the features: a hop of 10 ms. */
export const FRAMES_PER_SECOND = 100;

/** A causal TCN over log-mel features: four dilated residual blocks, as keyword spotters have them. */
export function sampleTcn(): OpenedModel {
  const initializers = new Map<string, Tensor>();
  const nodes: Node[] = [];
  const conv = (
    input: string,
    name: string,
    [into, from]: readonly [number, number],
    dilation: number,
    kernel: number,
  ) => {
    initializers.set(
      `${name}.weight`,
      floatTensor(wave(into * from * kernel, from * kernel), [into, from, kernel]),
    );
    const attributes = {
      kernel_shape: intsAttribute([kernel]),
      dilations: intsAttribute([dilation]),
      pads: intsAttribute([(kernel - 1) * dilation, 0]),
    };
    nodes.push(makeNode("Conv", [input, `${name}.weight`], [name], attributes));
    return name;
  };
  let x = conv(INPUT, "stem", [CHANNELS, BINS], 1, 1);
  for (let block = 0; block < 4; block++) {
    const y = conv(x, `block${block}.conv`, [CHANNELS, CHANNELS], 2 ** block, 3);
    nodes.push(makeNode("Relu", [y], [`block${block}.relu`]));
    nodes.push(makeNode("Add", [x, `block${block}.relu`], [`block${block}`]));
    x = `block${block}`;
  }
  conv(x, "scores", [12, CHANNELS], 1, 1);
  const info = (name: string, channels: number) => ({
    name,
    dtype: "float32" as const,
    shape: [1, channels, "T"],
  });
  const graph = {
    name: "tcn",
    inputs: [info(INPUT, BINS)],
    outputs: [info("scores", 12)],
    initializers,
    nodes,
    values: new Map(),
  };
  return openModel([{ name: "tcn.onnx", bytes: encodeModel(makeModel(graph, { opset: 17 })) }]);
}

/** Deterministic weights whose sums over `fanIn` inputs keep their size. */
function wave(count: number, fanIn: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(i * 0.7 + 1) / Math.sqrt(fanIn));
}

/** Features of `frames` frames from `start`: a slow sweep over the bins. */
export function sweep(start: number, frames: number): Tensor {
  const values = new Float32Array(BINS * frames);
  for (let bin = 0; bin < BINS; bin++) {
    for (let t = 0; t < frames; t++) values[bin * frames + t] = Math.sin((start + t) * 0.01 * (bin + 1));
  }
  return floatTensor(values, [1, BINS, frames]);
}
