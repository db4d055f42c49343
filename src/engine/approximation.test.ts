import { describe, expect, it } from "vitest";
import { arrayClip, noise } from "../../test/array-clip.ts";
import { GraphSketch } from "../../test/stream-lab.ts";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import type { Model } from "../core/ir/graph.ts";
import type { Tensor } from "../core/ir/tensor.ts";
import type { Approximations } from "../core/plan/approximation.ts";
import { defaultPlan } from "../core/plan/default-plan.ts";
import { createRuntime } from "../runtime/ort.ts";
import { analyse, approximateAll } from "./analyse.ts";
import { compareModel, prepare } from "./evaluate.ts";
import { type OpenedModel, openModel } from "./open-model.ts";
import { SILENT_JOB } from "./ports.ts";

const runtime = createRuntime();
const AXES = { x: 2 };

function opened(model: Model): OpenedModel {
  return openModel([{ name: "model.onnx", bytes: encodeModel(model) }]);
}

function refusals(model: OpenedModel) {
  return analyse(model, AXES).stream.refusals.map((f) => f.problem);
}

async function measured(
  model: OpenedModel,
  approximations: Approximations,
  { chunk = 1, clip = noise([1, 4, 60], 7) }: { chunk?: number; clip?: Tensor } = {},
) {
  const plan = defaultPlan(model, { axes: AXES, chunk, approximations });
  const prepared = prepare(model, plan);
  return compareModel(prepared, [arrayClip("clip", "x", clip, 2)], runtime, SILENT_JOB).catch((e) => {
    console.log(JSON.stringify(e.problem));
    throw e;
  });
}

/** Takes the mean over time off; `keep` as the exporters write it. */
function meanRemoval(): Model {
  const g = new GraphSketch();
  const x = g.input("x", [1, 4, "T"]);
  const mean = g.op("ReduceMean", [x], { axes: [2], keepdims: 1 }, "mean");
  return g.model([g.op("Sub", [x, mean], {}, "y")]);
}

describe("running statistics", () => {
  it("T51: refuses the mean over time, and its running form equals offline at the last frame", async () => {
    const model = opened(meanRemoval());
    expect(refusals(model)).toMatchObject([{ node: "mean", reason: "timeReduced" }]);
    const approximations = approximateAll(model, AXES);
    expect(approximations).toEqual({ mean: { kind: "running" } });
    for (const chunk of [1, 3, 4]) {
      const parity = await measured(model, approximations, { chunk });
      expect(parity.verdict).toBe("approximate");
      const [node] = parity.approximation?.nodes ?? [];
      expect(node).toMatchObject({ node: "mean", op: "ReduceMean", approximation: { kind: "running" } });
      expect(node?.error?.maxRelative).toBeGreaterThan(0.1);
      // Sixty float32 additions in another order.
      expect(node?.error?.lastRelative).toBeLessThan(1e-5);
      expect(parity.approximation?.outputs[0]?.lastRelative).toBeLessThan(1e-5);
    }
  });
});
