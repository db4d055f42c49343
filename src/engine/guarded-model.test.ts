import { describe, expect, it } from "vitest";
import { arrayClip, noise } from "../../test/array-clip.ts";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { makeModel } from "../core/format/onnx/make-model.ts";
import { type Graph, intsAttribute, makeNode } from "../core/ir/graph.ts";
import { defaultPlan } from "../core/plan/default-plan.ts";
import type { Plan } from "../core/plan/plan.ts";
import { createRuntime } from "../runtime/ort.ts";
import { calibrateModel, evaluate, prepare } from "./evaluate.ts";
import { openModel } from "./open-model.ts";
import { packageModel } from "./package-model.ts";
import { packageRequest } from "./package-request.ts";
import { SILENT_JOB } from "./ports.ts";
import { verifyPackage } from "./verify-package.ts";

const runtime = createRuntime();

/** Three padded convolutions that look ahead, and a pool: the later ones must not see what comes before the stream. */
function lookAhead(): Uint8Array {
  const conv = (x: string, y: string) =>
    makeNode("Conv", [x, `${y}.weight`, `${y}.bias`], [y], { pads: intsAttribute([1, 1]) });
  const graph: Graph = {
    name: "ahead",
    inputs: [{ name: "x", dtype: "float32", shape: [1, 4, "T"] }],
    outputs: [{ name: "y", dtype: "float32", shape: [1, 4, "T"] }],
    initializers: new Map(
      ["a", "b", "c"].flatMap((name, i) => [
        [`${name}.weight`, noise([4, 4, 3], 2 * i + 2)],
        [`${name}.bias`, noise([4], 2 * i + 3)],
      ]),
    ),
    nodes: [
      conv("x", "a"),
      makeNode("Relu", ["a"], ["r"]),
      conv("r", "b"),
      makeNode("MaxPool", ["b"], ["p"], { kernel_shape: intsAttribute([3]), pads: intsAttribute([1, 1]) }),
      conv("p", "c"),
      makeNode("Add", ["c", "x"], ["y"]),
    ],
    values: new Map(),
  };
  return encodeModel(makeModel(graph, { opset: 17 }));
}

const clips = () => [arrayClip("a.npy", "x", noise([1, 4, 150], 7), 2)];

async function evaluated(change: Partial<Plan>) {
  const opened = openModel([{ name: "ahead.onnx", bytes: lookAhead() }]);
  const plan = defaultPlan(
    { name: opened.name, sha256: opened.sha256 },
    { axes: { x: 2 }, method: "minmax", ...change },
  );
  const prepared = prepare(opened, plan);
  const { statistics } = await calibrateModel(prepared, clips(), runtime, SILENT_JOB);
  return { statistics, evaluation: await evaluate(prepared, statistics, clips(), runtime, SILENT_JOB) };
}

const EXACT_PLANS: readonly Partial<Plan>[] = [
  { warmUp: "mask" },
  { warmUp: "mask", chunk: 3, splits: ["b"] },
  { warmUp: "hold" },
  { warmUp: "hold", chunk: 3, splits: ["b"] },
  { warmUp: "mask", end: "exact", chunk: 2 },
  { warmUp: "two-graph" },
  { warmUp: "two-graph", chunk: 3, splits: ["b"] },
  { warmUp: "two-graph", end: "exact", chunk: 2 },
];

describe("a model whose start is guarded", () => {
  it.each(EXACT_PLANS)("is exact, equal in integers and verified from its package: %j", async (change) => {
    const { evaluation } = await evaluated(change);
    expect(evaluation.streaming.model.warmUp).toEqual({ policy: change.warmUp, wrongFrames: 0 });
    expect(evaluation.parity.verdict).toBe("exact");
    expect(evaluation.quantization.integerParity).toMatchObject({ different: 0, differences: [] });
    const { zip, report } = await packageModel(
      runtime,
      await packageRequest(evaluation, clips()),
      SILENT_JOB,
    );
    expect(report.verified).toBe(true);
    const again = await verifyPackage(runtime, zip, { fileName: "x.zip", job: SILENT_JOB });
    expect(again.report.verified).toBe(true);
    // Every graph has run, those of the first steps too.
    const graphs = again.report.files.filter((f) => f.path.endsWith(".onnx"));
    expect(graphs.map((f) => f.check)).toEqual(graphs.map(() => "executed"));
    const starts = graphs.filter((f) => f.path.endsWith(".start.onnx"));
    const guarded = evaluation.streaming.model.modules.filter((m) => m.start);
    expect(starts).toHaveLength(2 * guarded.length);
    expect(guarded.length > 0).toBe(change.warmUp === "two-graph");
  });

  it("calibrates the same statistics whatever the policy", async () => {
    const [masked, held] = [await evaluated({ warmUp: "mask" }), await evaluated({ warmUp: "hold" })];
    for (const [name, s] of masked.statistics) {
      const other = held.statistics.get(name);
      // Sums of the same products round differently by the shape of the run.
      expect(other?.min).toBeCloseTo(s.min, 5);
      expect(other?.max).toBeCloseTo(s.max, 5);
    }
  });

  it("is approximate, and says how long, if its start is ignored", async () => {
    const { evaluation } = await evaluated({ warmUp: "ignore" });
    expect(evaluation.parity.verdict).toBe("approximate");
    expect(evaluation.streaming.model.warmUp).toEqual({ policy: "ignore", wrongFrames: 3 });
    expect(evaluation.parity.outputs[0]?.maxRelative).toBeGreaterThan(evaluation.parity.tolerance);
  });
});
