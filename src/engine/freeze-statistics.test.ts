import { describe, expect, test } from "vitest";
import { arrayClip, noise } from "../../test/array-clip.ts";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { makeModel } from "../core/format/onnx/make-model.ts";
import { floatAttribute, type Graph, intAttribute, makeNode, type Node } from "../core/ir/graph.ts";
import { floats, floatTensor, longTensor } from "../core/ir/tensor.ts";
import { defaultPlan } from "../core/plan/default-plan.ts";
import { createRuntime } from "../runtime/ort.ts";
import { analyse, axesOf } from "./analyse.ts";
import { compareModel, prepare } from "./evaluate.ts";
import { freezeStatistics } from "./freeze-statistics.ts";
import { type OpenedModel, openModel } from "./open-model.ts";
import { SILENT_JOB } from "./ports.ts";

const runtime = createRuntime();
const CHANNELS = 4;

/** x [1, 4, T] → one node over time → x minus or normalised by it. */
function modelOf(nodes: readonly Node[], constants: Graph["initializers"]): OpenedModel {
  const shape = [1, CHANNELS, "T"] as const;
  const graph: Graph = {
    name: "frozen",
    inputs: [{ name: "x", dtype: "float32", shape }],
    outputs: [{ name: "y", dtype: "float32", shape }],
    initializers: constants,
    nodes,
    values: new Map(),
  };
  return openModel([{ name: "frozen.onnx", bytes: encodeModel(makeModel(graph, { opset: 18 })) }]);
}

const withMean = () =>
  modelOf(
    [
      makeNode("ReduceMean", ["x", "axes"], ["mean"], { keepdims: intAttribute(1) }),
      makeNode("Sub", ["x", "mean"], ["y"]),
    ],
    new Map([["axes", longTensor([2])]]),
  );

const withNorm = () =>
  modelOf(
    [makeNode("InstanceNormalization", ["x", "scale", "shift"], ["y"], { epsilon: floatAttribute(1e-3) })],
    new Map([
      ["scale", floatTensor([1, 2, 0.5, 1], [CHANNELS])],
      ["shift", floatTensor([0, 0.5, -1, 0], [CHANNELS])],
    ]),
  );

async function frozenRun(opened: OpenedModel, node: string) {
  const clip = arrayClip("noise", "x", noise([1, CHANNELS, 90], 7), 2);
  const { candidates } = analyse(opened);
  const axes = axesOf(candidates).x === undefined ? { x: 2 } : axesOf(candidates);
  const asked = { [node]: { kind: "frozen", mean: [] } } as const;
  const approximations = await freezeStatistics(opened, axes, asked, [clip], runtime, SILENT_JOB);
  const plan = defaultPlan({ name: opened.name, sha256: opened.sha256 }, { axes, approximations, chunk: 3 });
  const parity = await compareModel(prepare(opened, plan), [clip], runtime, SILENT_JOB);
  return { approximations, parity, clip };
}

describe("T48 frozen statistics", () => {
  test("the mean of the clips stands in for the mean over time", async () => {
    const { approximations, parity } = await frozenRun(withMean(), "mean");
    const choice = approximations.mean;
    if (choice?.kind !== "frozen") throw new Error("not frozen");
    const x = floats(noise([1, CHANNELS, 90], 7));
    const expected = Array.from(
      { length: CHANNELS },
      (_, c) => x.subarray(c * 90, (c + 1) * 90).reduce((a, b) => a + b, 0) / 90,
    );
    // Means of 90 numbers below 1, in double, rounded to float32 once.
    for (const [c, mean] of expected.entries()) expect(choice.mean[c]).toBeCloseTo(mean, 6);
    expect(parity.verdict).toBe("approximate");
    // On the very clip that was measured, the frozen mean is the clip's own.
    for (const { maxRelative } of parity.outputs) expect(maxRelative).toBeLessThan(1e-5);
  });

  test("mean and variance of the clips stand in for those of an instance norm", async () => {
    const { approximations, parity } = await frozenRun(withNorm(), "y");
    const choice = approximations.y;
    if (choice?.kind !== "frozen") throw new Error("not frozen");
    expect(choice.variance?.length).toBe(CHANNELS);
    expect(parity.verdict).toBe("approximate");
    for (const { maxRelative } of parity.outputs) expect(maxRelative).toBeLessThan(1e-5);
  });

  test("nothing runs with statistics that were not measured", () => {
    const opened = withMean();
    const plan = defaultPlan(
      { name: opened.name, sha256: opened.sha256 },
      { axes: { x: 2 }, approximations: { mean: { kind: "frozen", mean: [] } } },
    );
    expect(() => prepare(opened, plan)).toThrow("plan.unmeasured");
  });
});
