import { makeModel } from "../../src/core/format/onnx/make-model.ts";
import {
  type Graph,
  intAttribute,
  intsAttribute,
  type Model,
  makeNode,
  type Node,
} from "../../src/core/ir/graph.ts";
import { floatTensor, sizeOf, type Tensor } from "../../src/core/ir/tensor.ts";
import { seededUniform } from "./seeded-uniform.ts";

export interface ThreePartOptions {
  readonly inputChannels: number;
  readonly channels: number;
  readonly outputChannels: number;
  readonly kernel: number;
  readonly dilation: number;
  /** Frames that the file declares; absent: any number. */
  readonly frames?: number;
  readonly seed: number;
}

export const THREE_PART: ThreePartOptions = {
  inputChannels: 24,
  channels: 32,
  outputChannels: 16,
  kernel: 3,
  dilation: 2,
  seed: 7,
};

/** The two values at which the demo is cut into its three parts. */
export const THREE_PART_SPLITS: readonly string[] = ["/part0/gate/Mul", "/part1/Relu"];

/**
 * The three-part demo of the ESP-DL streaming tutorial, made by this project: a causal convolution block with a gate in
 * the manner of squeeze-and-excitation, a pointwise block, and a second causal convolution block with a residual.
 * Input [1, inputChannels, T], output [1, outputChannels, T]. Weights come from the seed.
 */
export function buildThreePart(options: ThreePartOptions = THREE_PART): Model {
  const { inputChannels, channels, outputChannels, kernel, dilation } = options;
  const part = new Blocks(options.seed);
  const entered = part.conv("/part0/in/Conv", "x", [channels, inputChannels, 1]);
  const depthwise = part.conv("/part0/depthwise/Conv", entered, [channels, 1, kernel], { group: channels });
  const first = part.op("Relu", "/part0/depthwise/Relu", [depthwise]);
  const pointwise = part.conv("/part0/pointwise/Conv", first, [channels, channels, 1]);
  const second = part.op("Relu", "/part0/pointwise/Relu", [pointwise]);
  const gate = part.op("Sigmoid", "/part0/gate/Sigmoid", [second]);
  const gated = part.op("Mul", "/part0/gate/Mul", [second, gate]);

  const mixed = part.conv("/part1/Conv", gated, [channels, channels, 1]);
  const between = part.op("Relu", "/part1/Relu", [mixed]);

  const dilated = part.conv("/part2/dilated/Conv", between, [channels, channels, kernel], { dilation });
  const third = part.op("Relu", "/part2/dilated/Relu", [dilated]);
  const sum = part.op("Add", "/part2/Add", [between, third]);
  part.conv("y", sum, [outputChannels, channels, 1]);

  const graph: Graph = {
    name: "three_part",
    inputs: [{ name: "x", dtype: "float32", shape: [1, inputChannels, options.frames ?? "frames"] }],
    outputs: [{ name: "y", dtype: "float32", shape: [1, outputChannels, options.frames ?? "frames"] }],
    initializers: part.weights,
    nodes: part.nodes,
    values: new Map(),
  };
  return makeModel(graph, { opset: 18 });
}

class Blocks {
  readonly nodes: Node[] = [];
  readonly weights = new Map<string, Tensor>();
  private readonly next: () => number;

  constructor(seed: number) {
    this.next = seededUniform(seed);
  }

  op(op: string, output: string, inputs: readonly string[]): string {
    this.nodes.push(makeNode(op, inputs, [output], {}, output));
    return output;
  }

  /** A causal convolution; weight shape [out, in / group, kernel]. */
  conv(
    output: string,
    input: string,
    shape: readonly [number, number, number],
    { group = 1, dilation = 1 }: { readonly group?: number; readonly dilation?: number } = {},
  ): string {
    const [channels, fanIn, kernel] = shape;
    // He initialisation keeps the level of activations from layer to layer.
    const bound = Math.sqrt(6 / (fanIn * kernel));
    this.weights.set(`${output}.weight`, this.uniform(shape, bound));
    this.weights.set(`${output}.bias`, this.uniform([channels], 0.1));
    const attributes = {
      kernel_shape: intsAttribute([kernel]),
      strides: intsAttribute([1]),
      dilations: intsAttribute([dilation]),
      pads: intsAttribute([dilation * (kernel - 1), 0]),
      group: intAttribute(group),
    };
    const inputs = [input, `${output}.weight`, `${output}.bias`];
    this.nodes.push(makeNode("Conv", inputs, [output], attributes, output));
    return output;
  }

  private uniform(dims: readonly number[], bound: number): Tensor {
    return floatTensor(
      Array.from({ length: sizeOf(dims) }, () => bound * this.next()),
      dims,
    );
  }
}
