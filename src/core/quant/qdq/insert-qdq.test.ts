import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sharedData } from "../../../../test/shared-data.ts";
import {
  analyse,
  compareStream,
  GraphSketch,
  initialCache,
  must,
  stackSteps,
} from "../../../../test/stream-lab.ts";
import type { GraphOptimization } from "../../../engine/ports.ts";
import { createRuntime } from "../../../runtime/ort.ts";
import { decodeModel } from "../../format/onnx/decode-model.ts";
import { encodeModel } from "../../format/onnx/encode-model.ts";
import { makeModel } from "../../format/onnx/make-model.ts";
import { sliceAxis } from "../../ir/axis.ts";
import type { Graph, Model } from "../../ir/graph.ts";
import { floats, floatTensor, sizeOf, type Tensor } from "../../ir/tensor.ts";
import { rulesFor } from "../../ops/catalogue.ts";
import { normalize } from "../../passes/pipeline.ts";
import type { StreamAnalysis } from "../../stream/analysis.ts";
import { convert } from "../../stream/convert.ts";
import type { Module } from "../../stream/module.ts";
import { offlineReference } from "../../stream/offline-reference.ts";
import { onnxruntime as target } from "../../targets/onnxruntime.ts";
import { ErrorMeter } from "../error-metrics.ts";
import { statisticOf } from "../observe.ts";
import { quantizedFill } from "../params.ts";
import { assignParams, type NodePolicy } from "../placement.ts";
import { solve } from "../solvers.ts";
import { insertQdq } from "./insert-qdq.ts";

// Of the normalised form; the sketches are the same in 17 and 18.
const OPSET = 18;
const LEVELS: readonly GraphOptimization[] = ["disabled", "basic", "extended", "all"];
const runtime = createRuntime();

/** Uniform numbers in [-span, span] that repeat for the same seed. */
function uniform(seed: number, dims: readonly number[], span: number): Tensor {
  let state = (seed * 2654435761 + 1) >>> 0;
  const values = Array.from({ length: sizeOf(dims) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * span;
  });
  return floatTensor(values, dims);
}

class Sketch extends GraphSketch {
  private count = 100;

  weights(dims: readonly number[]): string {
    const seed = ++this.count;
    return this.constant(`p${seed}`, uniform(seed, dims, dims.length > 1 ? 0.7 : 0.2));
  }

  causalConv(x: string, dims: readonly [number, number, number], dilation = 1, group = 1): string {
    const inputs = [x, this.weights(dims), this.weights([dims[0]])];
    return this.op("Conv", inputs, { dilations: [dilation], pads: [dilation * (dims[2] - 1), 0], group });
  }
}

function convStack(): Model {
  const s = new Sketch();
  const x = s.input("x", [1, 4, "T"]);
  const r1 = s.op("Relu", [s.causalConv(x, [8, 4, 3])]);
  const r2 = s.op("Relu", [s.causalConv(r1, [8, 1, 3], 2, 8)]);
  const residual = s.op("Add", [r1, r2]);
  const most = s.op("MaxPool", [residual], { kernel_shape: [3], pads: [2, 0], strides: [1] });
  const mean = s.op("AveragePool", [residual], { kernel_shape: [2], pads: [1, 0], count_include_pad: 1 });
  const gate = s.op("Sigmoid", [s.causalConv(mean, [8, 8, 1])]);
  const gated = s.op("Mul", [mean, gate]);
  const joined = s.op("Concat", [gated, most], { axis: 1 });
  const turned = s.op("Transpose", [joined], { perm: [0, 2, 1] });
  const product = s.op("MatMul", [turned, s.weights([16, 5])]);
  const y = s.op("Relu", [s.op("Add", [product, s.weights([5])])], {}, "y");
  return s.model([y]);
}

function lastFrameHead(): Model {
  const s = new Sketch();
  const x = s.input("x", [1, 6, 40]);
  const h = s.op("Relu", [s.causalConv(s.op("Relu", [s.causalConv(x, [8, 6, 3])]), [8, 8, 3], 2)]);
  const last = s.op("Slice", [h, s.longs([-4]), s.longs([40]), s.longs([2])]);
  const flat = s.op("Flatten", [last], { axis: 1 });
  const y = s.op("Gemm", [flat, s.weights([3, 32]), s.weights([3])], { transB: 1 }, "y");
  return s.model([y]);
}

/** A float island (Div has no rule, one node is kept) between quantized neighbours. */
function island(): Model {
  const s = new Sketch();
  const x = s.input("x", [1, 4, "T"]);
  const h = s.op("Tanh", [s.causalConv(x, [6, 4, 3])]);
  const soft = s.op("Div", [h, s.op("Add", [s.op("Abs", [h]), s.constant("one", floatTensor([1], []))])]);
  const kept = s.causalConv(soft, [6, 6, 2]);
  const y = s.op("Sub", [s.causalConv(kept, [6, 6, 3]), soft], {}, "y");
  return s.model([y]);
}

const MODELS: Record<string, { model: Model; keepFloat?: ReadonlySet<string>; sqnrDb: number }> = {
  "conv stack": { model: convStack(), sqnrDb: 28 },
  "last-frame head": { model: lastFrameHead(), sqnrDb: 30 },
  "float island": { model: island(), keepFloat: new Set(["conv5"]), sqnrDb: 25 },
};

const tutorial = sharedData("models/espressif__esp-dl/streaming_tutorial_model.onnx");
if (tutorial !== undefined) {
  const { model } = normalize(decodeModel(readFileSync(tutorial)));
  MODELS["the tutorial's TCN"] = { model, sqnrDb: 28 };
}

async function run(graph: Graph, feeds: Readonly<Record<string, Tensor>>, level: GraphOptimization) {
  const session = await runtime.open(encodeModel(makeModel(graph, { opset: OPSET })), {
    optimization: level,
  });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

/** Runs modules chunk by chunk, their caches carried; what they give out, step by step. */
async function runSteps(
  modules: readonly Module[],
  x: Tensor,
  steps: number,
  optimization: GraphOptimization,
) {
  const sessions = await Promise.all(
    modules.map((m) => runtime.open(encodeModel(makeModel(m.graph, { opset: OPSET })), { optimization })),
  );
  const results: Record<string, Tensor>[] = [];
  const state = modules.map((m) => new Map(m.caches.map((c) => [c.input, initialCache(c)])));
  const frames = (x.dims[2] ?? 0) / steps;
  for (let step = 0; step < steps; step++) {
    const chunk = sliceAxis(x, 2, step * frames, (step + 1) * frames);
    const values: Record<string, Tensor> = { [must(modules[0]?.inputs[0]?.name)]: chunk };
    for (const [i, module] of modules.entries()) {
      const own = must(state[i]);
      const given = module.graph.inputs.map(
        ({ name }) => [name, must(own.get(name) ?? values[name])] as const,
      );
      Object.assign(values, await sessions[i]?.run(Object.fromEntries(given)));
      for (const cache of module.caches) own.set(cache.input, must(values[cache.output]));
    }
    results.push(values);
  }
  for (const session of sessions) await session.release();
  return results;
}

interface Lab {
  readonly chunk: number;
  readonly steps: number;
  readonly keepFloat?: ReadonlySet<string>;
  /** Nodes of the first of two modules; absent: one module. */
  readonly split?: number;
}

/** Float offline, int8 offline and int8 streaming of one model over the same clip. */
async function prepare(model: Model, { chunk, steps, keepFloat, split }: Lab) {
  const [input, output] = [must(model.graph.inputs[0]?.name), must(model.graph.outputs[0]?.name)];
  const analysis = analyse(model, { [input]: 2 });
  expect(analysis.refusals).toEqual([]);
  const x = uniform(5, [1, Number(model.graph.inputs[0]?.shape?.[1]), chunk * steps], 2);
  const observe = model.graph.nodes.flatMap((node) => node.outputs);
  const float = await run(
    offlineReference(model, analysis, { chunk, steps, observe }).graph,
    { [input]: x },
    "basic",
  );
  const ranges = new Map(
    [...Object.entries(float), [input, x] as const].map(([name, tensor]) => [
      name,
      solve(statisticOf(floats(tensor)), target.activations, "minmax"),
    ]),
  );
  const modules = modulesOf(model, analysis, chunk, split);
  const policy: NodePolicy = { ruleOf: (node) => rulesFor(node)?.quant, ...(keepFloat && { keepFloat }) };
  const { activations, weights } = target;
  const { params } = assignParams(model.graph, {
    ...policy,
    activations,
    rangeOf: (value) => ranges.get(value),
    materialised: new Set(modules.slice(1).flatMap((m) => m.inputs.map((p) => p.name))),
  });
  const options = { ...policy, params, activations, weights, floatPorts: new Set([input, output]) };
  const reference = offlineReference(model, analysis, { chunk, steps, observe: [output] }).graph;
  const offline = insertQdq(reference, options);
  const streaming = modules.map((module): Module => {
    const { graph } = insertQdq(module.graph, { ...options, caches: module.caches });
    const caches = module.caches.map((cache) => {
      const own = params.get(cache.value);
      return own && typeof cache.init === "number"
        ? { ...cache, dtype: own.dtype, init: quantizedFill(cache.init, own) }
        : cache;
    });
    return { ...module, graph, caches };
  });
  const runOffline = async (level: GraphOptimization) =>
    must((await run(offline.graph, { [input]: x }, level))[output]);
  return { analysis, x, input, output, float: must(float[output]), runOffline, streaming };
}

/** One module, or two that meet after the first `split` nodes. */
function modulesOf(
  model: Model,
  analysis: StreamAnalysis,
  chunk: number,
  split: number | undefined,
): Module[] {
  if (split === undefined) return [convert(model, analysis, { chunk })];
  const first = new Set(model.graph.nodes.slice(0, split));
  const second = new Set(model.graph.nodes.slice(split));
  const read = new Set([...second].flatMap((node) => node.inputs));
  const crossing = [...first].flatMap((node) => node.outputs).filter((name) => read.has(name));
  return [
    convert(model, analysis, { chunk, name: "front", nodes: first, outputs: crossing }),
    convert(model, analysis, { chunk, name: "back", nodes: second }),
  ];
}

it.skipIf(tutorial === undefined)("includes the tutorial's TCN from ../shared/data", () => {
  expect(MODELS).toHaveProperty(["the tutorial's TCN"]);
});

describe.each(Object.entries(MODELS))("%s", (_, { model, keepFloat, sqnrDb }) => {
  it.each([1, 3])("gives the same integers streaming and offline at every level, chunk %d", async (chunk) => {
    const steps = Math.ceil(120 / chunk);
    const lab = await prepare(model, { chunk, steps, ...(keepFloat && { keepFloat }) });
    const byLevel: Float32Array[] = [];
    for (const level of LEVELS) {
      const y = await lab.runOffline(level);
      byLevel.push(floats(y));
      const results = await runSteps(lab.streaming, lab.x, steps, level);
      const difference = compareStream(lab.analysis, lab.output, stackSteps(results, lab.output), y, chunk);
      expect(difference).toMatchObject({ maxAbs: 0, relative: 0 });
      expect(difference.frames).toBeGreaterThan(steps * 0.9);
    }
    // A fused kernel may round a tie the other way; here none does.
    for (const y of byLevel) expect(y).toEqual(byLevel[0]);
    const meter = new ErrorMeter();
    meter.add(floats(lab.float), must(byLevel[3]), { dims: [1] });
    expect(meter.summary(lab.output).sqnrDb).toBeGreaterThan(sqnrDb);
  });

  it("gives the same integers when split anywhere", async () => {
    for (let split = 1; split < model.graph.nodes.length; split++) {
      const lab = await prepare(model, { chunk: 2, steps: 24, split, ...(keepFloat && { keepFloat }) });
      const y = await lab.runOffline("all");
      const results = await runSteps(lab.streaming, lab.x, 24, "all");
      expect(compareStream(lab.analysis, lab.output, stackSteps(results, lab.output), y, 2)).toMatchObject({
        maxAbs: 0,
      });
      for (const port of lab.streaming[1]?.graph.inputs ?? []) {
        expect(port.dtype).toBe(port.name === lab.input ? "float32" : "int8");
      }
    }
  });
});
