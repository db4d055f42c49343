import { describe, expect, test } from "vitest";
import { GraphSketch, integers, must } from "../../test/stream-lab.ts";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { makeModel } from "../core/format/onnx/make-model.ts";
import type { Graph, Model } from "../core/ir/graph.ts";
import { defaultPlan } from "../core/plan/default-plan.ts";
import { stateBytes, statePairs } from "../core/stream/state-pairs.ts";
import { createRuntime } from "../runtime/ort.ts";
import { compareTwin, type TwinOptions } from "./compare-twin.ts";
import { prepare } from "./evaluate.ts";
import { type OpenedModel, openModel } from "./open-model.ts";
import { SILENT_JOB } from "./ports.ts";

const runtime = createRuntime();
const opened = (model: Model): OpenedModel => openModel([{ name: "m.onnx", bytes: encodeModel(model) }]);

/** A causal convolution, one that looks ahead by two frames, and the input beside them. */
function offlineModel(): OpenedModel {
  const sketch = new GraphSketch(5);
  const x = sketch.input("x", [1, 4, "T"]);
  const a = sketch.conv(x, [4, 4, 4], { pads: [3, 0] });
  const b = sketch.conv(sketch.op("Relu", [a]), [4, 4, 3], { pads: [0, 2] });
  return opened(sketch.model([sketch.op("Add", [b, x], {}, "y")]));
}

/** The streaming graph that Rill writes, as a file from a stranger; `change` may spoil it. */
function streamingModel(offline: OpenedModel, chunk: number, change = (graph: Graph): Graph => graph) {
  const plan = defaultPlan(offline, { axes: { x: 2 }, chunk });
  const [module] = prepare(offline, plan).streaming.model.modules;
  return opened(makeModel(change(must(module).graph), { opset: 17 }));
}

const compare = (offline: OpenedModel, streaming: OpenedModel, options: TwinOptions = {}) =>
  compareTwin({ offline, streaming }, options, runtime, SILENT_JOB);

describe("a streaming model from elsewhere beside its offline twin", () => {
  const offline = offlineModel();

  test("the caches that Rill writes are recognised as states", () => {
    const { pairs, rest } = statePairs(
      streamingModel(offline, 2).normalized,
      streamingModel(offline, 2).inference,
    );
    expect(pairs.length).toBeGreaterThan(1);
    for (const pair of pairs) {
      expect(pair.output).toBe(`${pair.input}.next`);
      expect(pair.why).toContain("name");
      expect(pair.why).toContain("window");
      expect(pair.confidence).toBeGreaterThanOrEqual(0.85);
    }
    expect(rest).toEqual({ inputs: ["x"], outputs: ["y"] });
  });

  test("equals it, with the delay found or declared", async () => {
    for (const chunk of [1, 4]) {
      const report = await compare(offline, streamingModel(offline, chunk));
      expect(report).toMatchObject({ verdict: "equal", chunk, axes: { x: 2 }, steps: 96 / chunk });
      expect(report.outputs).toMatchObject([{ value: "y", twin: "y", axis: 2, delayFrames: 2, frames: 94 }]);
      expect(report.stateBytes).toBe(stateBytes(report.pairs));
    }
    const declared = await compare(offline, streamingModel(offline, 1), { delayFrames: 2 });
    expect(declared.verdict).toBe("equal");
    const wrong = await compare(offline, streamingModel(offline, 1), { delayFrames: 1 });
    expect(wrong.verdict).toBe("different");
  });

  test("differs when two states of one shape are swapped", async () => {
    const two = new GraphSketch(2);
    const x = two.input("x", [1, 2, "T"]);
    const a = two.conv(x, [2, 2, 3], { pads: [2, 0] });
    const twice = opened(two.model([two.conv(a, [2, 2, 3], { pads: [2, 0] })]));
    const streaming = streamingModel(twice, 1);
    const { pairs } = statePairs(streaming.normalized, streaming.inference);
    const swapped = pairs.map((p, i) => ({ ...p, output: must(pairs[1 - i]).output }));
    expect(await compare(twice, streaming)).toMatchObject({ verdict: "equal" });
    expect(await compare(twice, streaming, { states: swapped })).toMatchObject({ verdict: "different" });
    expect(await compare(twice, streaming, { states: pairs })).toMatchObject({
      verdict: "equal",
      pairs: [{ why: ["confirmed"] }, { why: ["confirmed"] }],
    });
    const [first] = pairs;
    await expect(
      compare(twice, streaming, { states: [{ input: must(first).input, output: "x" }] }),
    ).rejects.toMatchObject({ problem: { code: "stream.stateInvalid" } });
  });

  test("differs from the first spoiled frame on", async () => {
    const spoil = (graph: Graph): Graph => {
      const bias = [...graph.initializers.keys()].find((name) => name.startsWith("b"));
      const initializers = new Map(graph.initializers);
      if (bias !== undefined) initializers.set(bias, integers(99, [4], 9));
      return { ...graph, initializers };
    };
    const report = await compare(offline, streamingModel(offline, 1, spoil));
    expect(report.verdict).toBe("different");
    expect(must(report.outputs[0]).firstBadFrame).toBe(0);
  });

  test("T15 recomputing a window that starts from zeros is found wrong in the leading frames, and only there", async () => {
    // Three causal convolutions with biases see 6 frames back; their inner paddings are not in the window.
    const [layers, back] = [3, 6];
    const stack = (g: GraphSketch, x: string): string => {
      let y = x;
      for (let i = 0; i < layers; i++) y = g.conv(y, [2, 2, 3], { pads: [2, 0] });
      return y;
    };
    const whole = new GraphSketch(4);
    const last = stack(whole, whole.input("x", [1, 2, "T"]));
    const causal = opened(whole.model([whole.op("Identity", [last], {}, "y")]));
    const g = new GraphSketch(4);
    const [x, past] = [g.input("x", [1, 2, 1]), g.input("past", [1, 2, back])];
    // Built first, so that the weights are those of the other graph.
    const y = stack(g, "window");
    const slice = (source: string, from: number, to: number, name: string) =>
      g.op("Slice", [source, g.longs([from]), g.longs([to]), g.longs([2])], {}, name);
    const next = slice("window", 1, back + 1, "past.next");
    const sorted = g.op("Concat", [past, x], { axis: 2 }, "window");
    expect(sorted).toBe("window");
    const recomputed = g.model([slice(y, back, back + 1, "y"), next]);
    const nodes = [...recomputed.graph.nodes].sort(
      (a, b) => Number(b.outputs[0] === "window") - Number(a.outputs[0] === "window"),
    );
    const report = await compare(causal, opened({ ...recomputed, graph: { ...recomputed.graph, nodes } }));
    expect(report).toMatchObject({ verdict: "different", chunk: 1 });
    const [output] = report.outputs;
    expect(must(output).firstBadFrame).toBeLessThan(back);
    const late = await compare(causal, streamingModel(causal, 1));
    expect(late.verdict).toBe("equal");
  });

  test("says which port has no twin", async () => {
    const sketch = new GraphSketch();
    const z = sketch.input("z", [1, 7, 3, 1]);
    const other = opened(sketch.model([sketch.op("Relu", [z], {}, "r")]));
    await expect(compare(offline, other)).rejects.toMatchObject({
      problem: { code: "twin.unmatched", port: "z", file: "m.onnx" },
    });
  });
});

describe("what is no state", () => {
  test("an output that looks like the input", () => {
    const sketch = new GraphSketch();
    const mix = sketch.input("mix", [1, 4, 8]);
    const other = sketch.input("other", [1, 2]);
    const model = opened(
      sketch.model([sketch.op("Relu", [mix], {}, "enhanced"), sketch.op("Exp", [other], {}, "e")]),
    );
    expect(statePairs(model.normalized, model.inference).pairs).toEqual([]);
  });

  test("a name without a path, and a path without data left", () => {
    const apart = new GraphSketch();
    const x = apart.input("x", [1, 2]);
    apart.input("h_in", [1, 2]);
    const lonely = opened(apart.model([apart.op("Relu", [x], {}, "h_out"), apart.op("Exp", [x], {}, "y")]));
    expect(statePairs(lonely.normalized, lonely.inference).pairs).toEqual([]);
    const alone = new GraphSketch();
    const only = opened(alone.model([alone.op("Relu", [alone.input("h_in", [1, 2])], {}, "h_out")]));
    expect(statePairs(only.normalized, only.inference).pairs).toEqual([]);
  });
});
