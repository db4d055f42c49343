import { describe, expect, it } from "vitest";
import { arrayClip, noise } from "../../../test/array-clip.ts";
import { GraphSketch } from "../../../test/stream-lab.ts";
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

/** Two causal convolutions with a Relu between; the second adds up many small products, so one step moves it little. */
async function quantized(): Promise<CompareIntegersInput> {
  const g = new GraphSketch(5);
  g.input("x", [1, 4, "T"]);
  const window = { kernel_shape: [3], pads: [2, 0] };
  const a = g.op("Relu", [g.conv("x", [16, 4, 3], window)], {}, "a");
  const model = g.model([g.op("Relu", [g.conv(a, [4, 16, 3], window)], {}, "y")]);
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

  it("does not take a wrong initial cache for rounding, though the results are one step off", async () => {
    const input = await quantized();
    const { integerParity } = await compare({ ...input, quantized: oneStepOff(input.quantized, "a") });
    expect(integerParity.different).toBeGreaterThan(0);
    expect(integerParity.differences.at(-1)).toMatchObject({ maxSteps: 1, cause: "unknown" });
  });
});
