import { rational } from "../src/core/base/rational.ts";
import { encodeModel } from "../src/core/format/onnx/encode-model.ts";
import { makeModel } from "../src/core/format/onnx/make-model.ts";
import { type Graph, intsAttribute, makeNode, type Node } from "../src/core/ir/graph.ts";
import { type DType, floatTensor, longTensor, type Tensor, tensorOf } from "../src/core/ir/tensor.ts";
import { defaultPlan } from "../src/core/plan/default-plan.ts";
import { EXACT } from "../src/core/stream/fact.ts";
import type { Port } from "../src/core/stream/module.ts";
import type { PackageRequest, UnpackedModule } from "../src/engine/package-model.ts";

/*
 * A streaming model small enough to read: module "conv" smooths two channels over three frames (two of them cached),
 * module "head" clips. Once in float, once with an int8 cache at scale 1/64.
 */

const CHANNELS = 2;
const SCALE = 1 / 64;
const WEIGHTS = [0.5, -0.25, 1, 0.125, 0.75, -1];

const port = (name: string): Port => ({
  name,
  dtype: "float32",
  shape: [1, CHANNELS, 1],
  axis: 2,
  kind: "stream",
  rate: rational(1),
  delay: 0,
  framesPerStep: 1,
  exact: EXACT,
});

function model(
  nodes: Node[],
  ports: { inputs: [string, DType, number][]; outputs: [string, DType, number][] },
): Uint8Array {
  const info = ([name, dtype, frames]: [string, DType, number]) => ({
    name,
    dtype,
    shape: [1, CHANNELS, frames],
  });
  const graph: Graph = {
    name: "small",
    inputs: ports.inputs.map(info),
    outputs: ports.outputs.map(info),
    initializers: new Map<string, Tensor>(
      [
        ["weight", floatTensor(WEIGHTS, [CHANNELS, 1, 3])],
        ["one", longTensor([1])],
        ["three", longTensor([3])],
        ["axis", longTensor([2])],
        ["scale", floatTensor([SCALE], [])],
        ["zero", tensorOf(Int8Array.of(-3), [])],
      ].filter(([name]) => nodes.some((n) => n.inputs.includes(name as string))) as [string, Tensor][],
    ),
    nodes,
    values: new Map(),
  };
  return encodeModel(makeModel(graph, { opset: 17 }));
}

const concat = (inputs: string[], output: string) =>
  makeNode("Concat", inputs, [output], { axis: { kind: "int", value: 2n } });
const tail = (input: string, output: string) => makeNode("Slice", [input, "one", "three", "axis"], [output]);
const conv = (input: string, output: string) =>
  makeNode("Conv", [input, "weight"], [output], {
    group: { kind: "int", value: 2n },
    kernel_shape: intsAttribute([3]),
  });

const floatConv = model(
  [concat(["cache.x", "x"], "window"), tail("window", "cache.x.next"), conv("window", "y")],
  {
    inputs: [
      ["x", "float32", 1],
      ["cache.x", "float32", 2],
    ],
    outputs: [
      ["y", "float32", 1],
      ["cache.x.next", "float32", 2],
    ],
  },
);
const int8Conv = model(
  [
    makeNode("QuantizeLinear", ["x", "scale", "zero"], ["x.q"]),
    concat(["cache.x", "x.q"], "window.q"),
    tail("window.q", "cache.x.next"),
    makeNode("DequantizeLinear", ["window.q", "scale", "zero"], ["window"]),
    conv("window", "y"),
  ],
  {
    inputs: [
      ["x", "float32", 1],
      ["cache.x", "int8", 2],
    ],
    outputs: [
      ["y", "float32", 1],
      ["cache.x.next", "int8", 2],
    ],
  },
);
const head = model([makeNode("Relu", ["y"], ["z"])], {
  inputs: [["y", "float32", 1]],
  outputs: [["z", "float32", 1]],
});

function modules(convBytes: Uint8Array, dtype: "float32" | "int8"): UnpackedModule[] {
  const quantized = dtype === "int8" ? { scale: SCALE, zeroPoint: -3 } : {};
  const cost = {
    macs: 6,
    weightBytes: 24,
    cacheBytes: dtype === "int8" ? 4 : 16,
    activationBytes: 8,
    dispatches: 1,
  };
  const cache = {
    kind: "window" as const,
    value: "x",
    input: "cache.x",
    output: "cache.x.next",
    shape: [1, CHANNELS, 2],
    axis: 2,
    frames: 2,
    dtype,
    init: dtype === "int8" ? -3 : 0,
    readers: [{ node: "y", use: "window" as const, frames: 2 }],
    ...quantized,
  };
  const placed = { period: 1, startStep: 0, gateRuns: 0 };
  return [
    {
      name: "conv",
      bytes: convBytes,
      ...placed,
      inputs: [port("x")],
      outputs: [port("y")],
      caches: [cache],
      cost,
    },
    {
      name: "head",
      bytes: head,
      ...placed,
      inputs: [port("y")],
      outputs: [port("z")],
      caches: [],
      cost: { macs: 0, weightBytes: 0, cacheBytes: 0, activationBytes: 8, dispatches: 1 },
    },
  ];
}

const summary = (value: string, maxAbs: number, sqnrDb: number) => ({
  value,
  maxAbs,
  maxRelative: maxAbs / 2,
  rms: maxAbs / 3,
  sqnrDb,
  cosine: 1,
  firstBadFrame: -1,
  frames: 40,
});
const trace = (value: string) => ({
  value,
  framesPerPoint: 4,
  level: Float32Array.from({ length: 10 }, (_, i) => 0.1 + i / 20),
  error: Float32Array.from({ length: 10 }, (_, i) => (i % 3) * 1e-7),
});

/** Everything that `packageModel` needs, without having run a model; `steps` frames of a ramp as first steps. */
export function smallPackage(steps = 6, name = "small.onnx"): PackageRequest {
  return {
    fileName: "small.zip",
    plan: { ...defaultPlan({ name, sha256: "5a".repeat(32) }), axes: { x: 2 }, splits: ["y"] },
    model: { name, sha256: "5a".repeat(32), producer: "test", opset: 17, parameterCount: 6 },
    rateHz: 16000,
    chunk: 1,
    inputs: [port("x")],
    outputs: [port("z")],
    float: modules(floatConv, "float32"),
    int8: modules(int8Conv, "int8"),
    schedule: {
      kind: "sequential",
      period: 1,
      framesPerStep: 1,
      steps: [{ step: 0, runs: [0, 1], completes: true }],
      table: [
        {
          scheme: "frameByFrame",
          peakMacs: 6,
          meanMacs: 6,
          peakSeconds: 1e-6,
          meanSeconds: 1e-6,
          newestLatencyFrames: 0,
          oldestLatencyFrames: 0,
        },
      ],
      chosen: "frameByFrame",
    },
    warmUp: { policy: "causal-free", wrongFrames: 0 },
    flushSteps: 0,
    parity: {
      verdict: "exact",
      tolerance: 5e-6,
      outputs: [summary("z", 1e-7, 140)],
      values: [summary("y", 1e-7, 141)],
      traces: [trace("z")],
      clips: ["a.wav"],
      frames: 40,
    },
    quantization: {
      target: "onnxruntime",
      method: "kl",
      outputs: [summary("z", 0.01, 38.25)],
      values: [summary("x", 0.008, 41), summary("y", 0.01, 38.25), summary("z", 0, Number.POSITIVE_INFINITY)],
      traces: [trace("z")],
      params: new Map([["x", { dtype: "int8", scales: [SCALE], zeroPoints: [-3] }]]),
      integerParity: {
        frames: 40,
        elements: 80,
        different: 1,
        differences: [{ value: "x", count: 1, maxSteps: 1, cause: "roundingTie" }],
      },
      floatBytes: floatConv.length,
      quantizedBytes: int8Conv.length,
      findings: [],
    },
    findings: [],
    steps: Array.from({ length: steps }, (_, i) => ({
      x: floatTensor([i / 8 - 0.5, 0.4 - i / 9], [1, CHANNELS, 1]),
    })),
  };
}
