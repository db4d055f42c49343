import { describe, expect, test } from "vitest";
import { arrayClip, noise } from "../../../test/array-clip.ts";
import { must } from "../../../test/stream-lab.ts";
import { encodeModel } from "../../core/format/onnx/encode-model.ts";
import { makeModel } from "../../core/format/onnx/make-model.ts";
import { intAttribute, intsAttribute, makeNode, type ValueInfo } from "../../core/ir/graph.ts";
import { floatTensor, longTensor } from "../../core/ir/tensor.ts";
import { defaultPlan } from "../../core/plan/default-plan.ts";
import { parsePlan } from "../../core/plan/parse-plan.ts";
import type { Plan } from "../../core/plan/plan.ts";
import { printPlan } from "../../core/plan/print-plan.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { calibrateModel, evaluate, prepare } from "../evaluate.ts";
import { openModel } from "../open-model.ts";
import { packageModel } from "../package-model.ts";
import { packageRequest } from "../package-request.ts";
import { SILENT_JOB } from "../ports.ts";
import { verifyPackage } from "../verify-package.ts";
import { analysisReportOf, stateProposals } from "./analyse-plan.ts";
import { comparePlanTwin } from "./compare-plan-twin.ts";
import { prepareCarried } from "./prepare-carried.ts";

const runtime = createRuntime();
const HIDDEN = 6;

const info = (name: string, shape: ValueInfo["shape"], dtype: ValueInfo["dtype"] = "float32"): ValueInfo => ({
  name,
  ...(dtype && { dtype }),
  ...(shape && { shape }),
});

/** A causal convolution with its history as ports, a GRU with its state as ports, and a gain that never changes. */
function streamingFile(frames: number | string): Uint8Array {
  const weights = new Map([
    ["w", noise([4, 4, 3], 3)],
    ["gru.w", noise([1, 3 * HIDDEN, 4], 4)],
    ["gru.r", noise([1, 3 * HIDDEN, HIDDEN], 5)],
    ["gru.b", noise([1, 6 * HIDDEN], 6)],
    ["from", longTensor([-2])],
    ["to", longTensor([2 ** 31])],
    ["axes", longTensor([2])],
    ["one", longTensor([1])],
  ] as const);
  const graph = {
    name: "streaming",
    inputs: [
      info("x", [1, 4, frames]),
      info("cache_in", [1, 4, 2]),
      info("h_in", [1, 1, HIDDEN]),
      info("gain", [1]),
    ],
    outputs: [info("y", [frames, 1, HIDDEN]), info("cache_out", [1, 4, 2]), info("h_out", [1, 1, HIDDEN])],
    initializers: weights,
    nodes: [
      makeNode("Concat", ["cache_in", "x"], ["joined"], { axis: intAttribute(2) }),
      makeNode("Slice", ["joined", "from", "to", "axes"], ["cache_out"]),
      makeNode("Conv", ["joined", "w"], ["c"]),
      makeNode("Relu", ["c"], ["r"]),
      makeNode("Transpose", ["r"], ["t"], { perm: intsAttribute([2, 0, 1]) }),
      makeNode("GRU", ["t", "gru.w", "gru.r", "gru.b", "", "h_in"], ["g", "h_out"], {
        hidden_size: intAttribute(HIDDEN),
      }),
      makeNode("Squeeze", ["g", "one"], ["s"]),
      makeNode("Mul", ["s", "gain"], ["y"]),
    ],
    values: new Map(),
  };
  return encodeModel(makeModel(graph, { opset: 17 }));
}

const open = (frames: number | string = 1) =>
  openModel([{ name: "streaming.onnx", bytes: streamingFile(frames) }]);
const clips = () => [
  arrayClip("a.npy", "x", noise([1, 4, 90], 7), 2),
  arrayClip("b.npy", "x", noise([1, 4, 31], 8), 2),
];
const STATES = [
  { input: "cache_in", output: "cache_out", init: 0 },
  { input: "h_in", output: "h_out", init: 0 },
];

function planFor(opened: ReturnType<typeof open>, change: Partial<Plan> = {}): Plan {
  return defaultPlan(opened, {
    axes: { x: 2 },
    states: STATES,
    fixed: { gain: 0.5 },
    method: "minmax",
    ...change,
  });
}

async function packaged(opened: ReturnType<typeof open>, plan: Plan) {
  const prepared = prepare(opened, plan);
  const { statistics } = await calibrateModel(prepared, clips(), runtime, SILENT_JOB);
  const evaluation = await evaluate(prepared, statistics, clips(), runtime, SILENT_JOB);
  const request = await packageRequest(evaluation, clips());
  return { evaluation, statistics, ...(await packageModel(runtime, request, SILENT_JOB)) };
}

describe("a model that carries its own states", () => {
  test("is recognised, and left to the user to confirm", () => {
    const proposals = stateProposals(open());
    expect(proposals.pairs.map(({ input, output }) => [input, output])).toEqual([
      ["cache_in", "cache_out"],
      ["h_in", "h_out"],
    ]);
    const asked = analysisReportOf(open(), { chunk: 1 });
    expect(asked.refusals.map((f) => f.problem.code)).toEqual(["stream.statesOpen"]);
    const confirmed = analysisReportOf(open(), planFor(open()));
    expect(confirmed.refusals).toEqual([]);
    expect(confirmed.facts.get("y")).toMatchObject({ kind: "perStep" });
    const unfixed = analysisReportOf(open(), { ...planFor(open()), fixed: {} });
    expect(unfixed.refusals).toMatchObject([{ problem: { code: "data.staticInput", input: "gain" } }]);
  });

  test.each([
    [1, 1],
    [5, 5],
    ["T", 4],
  ])("of %s frames a step is rolled, quantized and packaged; the plan replays it", async (frames, chunk) => {
    const opened = open(frames);
    const plan = planFor(opened, { chunk });
    const { evaluation, zip, report } = await packaged(opened, plan);
    expect(evaluation.parity).toMatchObject({ verdict: "exact", against: "file", frames: 121 });
    expect(evaluation.quantization.integerParity.different).toBe(0);
    expect(Math.min(...evaluation.quantization.outputs.map((o) => o.sqnrDb))).toBeGreaterThan(20);
    expect(report.verified).toBe(true);
    const again = await verifyPackage(runtime, zip, { fileName: "x.zip", job: SILENT_JOB });
    expect(again.report.verified).toBe(true);
    const replayed = await packaged(opened, parsePlan(printPlan(plan)));
    expect(replayed.zip).toEqual(zip);
  });

  test("keeps past frames as integers with one scale in and out, and the recurrent state in float", async () => {
    const opened = open();
    const { evaluation } = await packaged(opened, planFor(opened));
    const quantized = must(evaluation.quantized);
    const [module] = quantized.modules;
    const [cache, state] = must(module).caches;
    expect([must(cache).dtype, must(state).dtype]).toEqual(["int8", "float32"]);
    const { params } = quantized;
    expect(params.get("cache_in")).toEqual(params.get("cache_out"));
    expect(params.get("cache_in")).toEqual(params.get("x"));
    expect(params.has("h_in")).toBe(false);
  });

  test("starts where the plan says", async () => {
    const opened = open();
    const fromOne = planFor(opened, { states: STATES.map((s) => ({ ...s, init: 1 })) });
    const { evaluation } = await packaged(opened, fromOne);
    expect(evaluation.parity.verdict).toBe("exact");
    const [module] = evaluation.streaming.model.modules;
    expect(must(module).caches.map((c) => c.init)).toEqual([1, 1]);
  });

  test("calibrates the same statistics in whatever blocks a clip is read", async () => {
    const opened = open("T");
    const statistics = async (chunk: number) => {
      const prepared = prepare(opened, planFor(opened, { chunk }));
      const whole = [arrayClip("a.npy", "x", noise([1, 4, 120], 7), 2)];
      return (await calibrateModel(prepared, whole, runtime, SILENT_JOB)).statistics;
    };
    const [one, six] = [await statistics(1), await statistics(6)];
    for (const name of ["x", "c", "r", "y"]) {
      const [a, b] = [must(one.get(name)), must(six.get(name))];
      expect(b.count).toBe(a.count);
      // Sums of the same products round differently by the shape of the run.
      expect(b.min).toBeCloseTo(a.min, 5);
      expect(b.max).toBeCloseTo(a.max, 5);
    }
  });

  test("is compared with its offline twin over a clip", async () => {
    const graph = {
      name: "offline",
      inputs: [info("x", [1, 4, "T"])],
      outputs: [info("y", ["T", 1, HIDDEN])],
      initializers: new Map([
        ["w", noise([4, 4, 3], 3)],
        ["gru.w", noise([1, 3 * HIDDEN, 4], 4)],
        ["gru.r", noise([1, 3 * HIDDEN, HIDDEN], 5)],
        ["gru.b", noise([1, 6 * HIDDEN], 6)],
        ["one", longTensor([1])],
        ["gain", floatTensor([0.5], [1])],
      ]),
      nodes: [
        makeNode("Conv", ["x", "w"], ["c"], { pads: intsAttribute([2, 0]) }),
        makeNode("Relu", ["c"], ["r"]),
        makeNode("Transpose", ["r"], ["t"], { perm: intsAttribute([2, 0, 1]) }),
        makeNode("GRU", ["t", "gru.w", "gru.r", "gru.b"], ["g"], { hidden_size: intAttribute(HIDDEN) }),
        makeNode("Squeeze", ["g", "one"], ["s"]),
        makeNode("Mul", ["s", "gain"], ["y"]),
      ],
      values: new Map(),
    };
    const bytes = encodeModel(makeModel(graph, { opset: 17 }));
    const offline = openModel([{ name: "offline.onnx", bytes }]);
    const streaming = open();
    const [clip] = clips();
    const report = await comparePlanTwin(
      { streaming, plan: planFor(streaming), offline, clip },
      runtime,
      SILENT_JOB,
    );
    expect(report).toMatchObject({ verdict: "equal", steps: 90 });
    const louder = planFor(streaming, { fixed: { gain: 0.6 } });
    const other = await comparePlanTwin({ streaming, plan: louder, offline, clip }, runtime, SILENT_JOB);
    expect(other.verdict).toBe("different");
  });

  test("is refused with its reason where the plan does not fit", () => {
    const opened = open(5);
    const codeOf = (plan: Plan) => {
      try {
        prepareCarried(opened, plan);
        return undefined;
      } catch (error) {
        return (error as { problem?: unknown }).problem;
      }
    };
    expect(codeOf(planFor(opened, { chunk: 4 }))).toEqual({ code: "stream.chunkFixed", chunk: 4, fixed: 5 });
    expect(codeOf(planFor(opened, { chunk: 5, fixed: {} }))).toEqual({
      code: "data.staticInput",
      input: "gain",
    });
    const crossed = [
      { input: "cache_in", output: "h_out", init: 0 },
      { input: "h_in", output: "h_out", init: 0 },
    ];
    expect(codeOf(planFor(opened, { chunk: 5, states: crossed }))).toMatchObject({
      code: "stream.stateInvalid",
    });
  });
});
