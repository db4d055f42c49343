import { describe, expect, it } from "vitest";
import { arrayClip, noise } from "../../../test/array-clip.ts";
import { GraphSketch, runSteps } from "../../../test/stream-lab.ts";
import { encodeModel } from "../../core/format/onnx/encode-model.ts";
import { defaultPlan } from "../../core/plan/default-plan.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { calibrateModel, prepare } from "../evaluate.ts";
import { openModel } from "../open-model.ts";
import { SILENT_JOB } from "../ports.ts";
import { type QuantizedModel, quantize } from "../quantize.ts";
import { type CompareIntegersInput, compareIntegers } from "./compare-integers.ts";

const runtime = createRuntime();
const FRAMES = 90;
const clips = () => [arrayClip("noise", "x", noise([1, 4, FRAMES], 3), 2)];

const CAUSAL = { kernel_shape: [3], pads: [2, 0] };

/** Two causal convolutions with a Relu between; the second adds up many small products, so one step moves it little. */
function twoLayers(g: GraphSketch): string {
  const a = g.op("Relu", [g.conv("x", [16, 4, 3], CAUSAL)], {}, "a");
  return g.op("Relu", [g.conv(a, [4, 16, 3], CAUSAL)], {}, "y");
}

async function quantized(build: (g: GraphSketch) => string = twoLayers): Promise<CompareIntegersInput> {
  const g = new GraphSketch(5);
  g.input("x", [1, 4, "T"]);
  const model = g.model([build(g)]);
  const opened = openModel([{ name: "sketch.onnx", bytes: encodeModel(model) }]);
  const axes = { x: 2 };
  const plan = defaultPlan({ name: opened.name, sha256: opened.sha256 }, { axes, method: "minmax" });
  const p = prepare(opened, plan);
  const { statistics } = await calibrateModel(p, clips(), runtime, SILENT_JOB);
  const { model: streaming } = p.streaming;
  const made = quantize(opened, p.analysis.stream, streaming.modules, statistics, plan);
  return {
    opened,
    analysis: p.analysis.stream,
    streaming,
    clips: clips(),
    quantized: made,
    method: "minmax",
  };
}

/** The cache of a value starts one quantization step off. */
function oneStepOff(model: QuantizedModel, value: string): QuantizedModel {
  const modules = model.modules.map((m) => ({
    ...m,
    caches: m.caches.map((c) => (c.value === value ? { ...c, init: Number(c.init) + 1 } : c)),
  }));
  return { ...model, modules };
}

const compare = (input: CompareIntegersInput) => compareIntegers(input, runtime, SILENT_JOB);

describe("compareIntegers", () => {
  it("finds int8 streaming equal to int8 offline on every frame, in whatever memory", async () => {
    const input = await quantized();
    const roomy = await compare(input);
    expect(roomy.integerParity).toMatchObject({ frames: FRAMES, different: 0 });
    // Ten steps of the values fit: inner values are compared over these, outputs over all.
    const tight = await compare({ ...input, valueBytes: 10 * 4 * (4 + 2 * 16 + 2 * 4) });
    expect(tight.integerParity.frames).toBe(FRAMES);
    // Values that are not looked at may be fused away, which rounds otherwise; nothing else may differ.
    for (const difference of tight.integerParity.differences) expect(difference.cause).toBe("roundingTie");
    expect(tight.outputs).toEqual(roomy.outputs);
  });

  it("T80 a skip that waits for a convolution loses no step", async () => {
    const input = await quantized((g) => {
      const skip = g.op("Relu", ["x"]);
      return g.op("Add", [g.conv(skip, [4, 4, 5], { kernel_shape: [5], pads: [2, 2] }), skip], {}, "y");
    });
    const delays = input.streaming.outputs.map((p) => p.delay);
    expect(delays).toEqual([2]);
    const { integerParity } = await compare(input);
    expect(integerParity).toMatchObject({ different: 0, differences: [] });
    expect(integerParity.elements).toBeGreaterThan(0);
  });

  it("T10 a transposed convolution keeps its input in integers, and loses no step", async () => {
    const input = await quantized((g) => {
      const weight = g.constant("up", noise([4, 4, 4], 12));
      const bias = g.constant("up.bias", noise([4], 13));
      const attributes = { kernel_shape: [4], strides: [2], pads: [1, 1] };
      return g.op("ConvTranspose", [g.op("Relu", ["x"]), weight, bias], attributes, "y");
    });
    const [module] = input.quantized.modules;
    expect(module?.caches).toMatchObject([{ kind: "window", dtype: "int8", frames: 1 }]);
    const { integerParity } = await compare(input);
    expect(integerParity).toMatchObject({ different: 0, differences: [] });
  });

  it("T79 a history has the scale of the chunk that it is joined with", async () => {
    const { quantized: made } = await quantized();
    const [module] = made.modules;
    const windows = (module?.caches ?? []).filter((c) => c.kind === "window");
    expect(windows).toHaveLength(2);
    const nodes = module?.graph.nodes ?? [];
    const numbersOf = (name: string, side: "inputs" | "outputs") =>
      nodes.find((n) => /^(Q|Deq)uantizeLinear$/.test(n.op) && n[side][0] === name)?.inputs.slice(1);
    for (const { input, output } of windows) {
      // Integers of one scale and zero point: what is joined, what is read of it, and what is kept of it.
      const joined = nodes.find((n) => n.op === "Concat" && n.inputs[0] === input);
      const window = joined?.outputs[0] ?? "";
      expect(numbersOf(joined?.inputs[1] ?? "", "outputs")).toHaveLength(2);
      expect(numbersOf(window, "inputs")).toEqual(numbersOf(joined?.inputs[1] ?? "", "outputs"));
      expect(nodes.find((n) => n.outputs[0] === output)).toMatchObject({ op: "Slice" });
    }
  });

  it("T78 a history starts at the zero point; from zero bytes the first K − 1 frames are wrong, and no others", async () => {
    const input = await quantized();
    const { quantized: made, opened } = input;
    const zeroPoint = made.params.get("a")?.zeroPoints[0];
    const [module] = made.modules;
    const cache = module?.caches.find((c) => c.value === "a");
    // Nothing is below zero behind a Relu: the smallest integer stands for it.
    expect(zeroPoint).toBe(-128);
    expect(cache?.init).toBe(zeroPoint);
    const model = { ...opened.normalized, opsets: made.opsets };
    const steps = 12;
    const feeds = { x: noise([1, 4, steps], 8) };
    const wrong = made.modules.map((m) => ({
      ...m,
      caches: m.caches.map((c) => (c.value === "a" ? { ...c, init: 0 } : c)),
    }));
    const run = async (modules: typeof made.modules) => runSteps(model, modules, feeds, steps);
    const [right, zeros] = [await run(made.modules), await run(wrong)];
    const differing = right.flatMap((r, i) => (r.y?.bytes.join() === zeros[i]?.y?.bytes.join() ? [] : [i]));
    expect(differing).toEqual([0, 1]);
    const { integerParity } = await compare(input);
    expect(integerParity.different).toBe(0);
  });

  it("does not take a wrong initial cache for rounding, though the results are one step off", async () => {
    const input = await quantized();
    const { integerParity } = await compare({ ...input, quantized: oneStepOff(input.quantized, "a") });
    expect(integerParity.different).toBeGreaterThan(0);
    expect(integerParity.differences.at(-1)).toMatchObject({ maxSteps: 1, cause: "unknown" });
  });
});
