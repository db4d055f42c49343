import { describe, expect, it } from "vitest";
import { arrayClip, noise } from "../../test/array-clip.ts";
import { GraphSketch } from "../../test/stream-lab.ts";
import { StudioError } from "../core/base/problem.ts";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { makeModel } from "../core/format/onnx/make-model.ts";
import { type Graph, intAttribute, intsAttribute, makeNode } from "../core/ir/graph.ts";
import { floatTensor } from "../core/ir/tensor.ts";
import { defaultPlan } from "../core/plan/default-plan.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { StreamingModel } from "../core/stream/module.ts";
import { createRuntime } from "../runtime/ort.ts";
import { compareFloat } from "./compare/compare-float.ts";
import { calibrateModel, evaluate, type Prepared, prepare } from "./evaluate.ts";
import { openModel } from "./open-model.ts";
import { packageModel } from "./package-model.ts";
import { packageRequest } from "./package-request.ts";
import { SILENT_JOB } from "./ports.ts";
import type { CalibrationProgress } from "./reports.ts";
import { verifyPackage } from "./verify-package.ts";

const runtime = createRuntime();
const CHANNELS = 6;

/** Two causal convolutions with a residual around the second; dilation 2, so that several frames of history matter. */
function residualTcn(): Uint8Array {
  const conv = (x: string, y: string, kernel: number, dilation: number) =>
    makeNode("Conv", [x, `${y}.weight`, `${y}.bias`], [y], {
      kernel_shape: intsAttribute([kernel]),
      dilations: intsAttribute([dilation]),
      pads: intsAttribute([dilation * (kernel - 1), 0]),
      strides: intsAttribute([1]),
      group: intAttribute(1),
    });
  const graph: Graph = {
    name: "residual",
    inputs: [{ name: "x", dtype: "float32", shape: [1, 4, "T"] }],
    outputs: [{ name: "y", dtype: "float32", shape: [1, CHANNELS, "T"] }],
    initializers: new Map([
      ["a.weight", noise([CHANNELS, 4, 3], 2)],
      ["a.bias", noise([CHANNELS], 3)],
      ["c.weight", noise([CHANNELS, CHANNELS, 3], 4)],
      ["c.bias", noise([CHANNELS], 5)],
    ]),
    nodes: [
      conv("x", "a", 3, 1),
      makeNode("Relu", ["a"], ["b"]),
      conv("b", "c", 3, 2),
      makeNode("Add", ["b", "c"], ["y"]),
    ],
    values: new Map(),
  };
  return encodeModel(makeModel(graph, { opset: 17 }));
}

function prepared(change: Partial<Plan> = {}): Prepared {
  const opened = openModel([{ name: "residual.onnx", bytes: residualTcn() }]);
  const plan = defaultPlan({ name: opened.name, sha256: opened.sha256 }, { axes: { x: 2 }, ...change });
  return prepare(opened, plan);
}

const clips = () => [
  arrayClip("a.npy", "x", noise([1, 4, 203], 7), 2),
  arrayClip("b.npy", "x", noise([1, 4, 57], 8), 2),
];

function parityOf({ opened, analysis, streaming }: Prepared, model: StreamingModel = streaming.model) {
  const input = { opened, analysis: analysis.stream, streaming: model, clips: clips() };
  return compareFloat(input, runtime, SILENT_JOB);
}

describe("evaluate", () => {
  it("finds streaming equal to offline, and to the opened file, whatever the chunk and the split", async () => {
    for (const change of [{ chunk: 1 }, { chunk: 5 }, { chunk: 3, splits: ["b"] }]) {
      const report = await parityOf(prepared(change));
      expect(report.verdict).toBe("exact");
      expect(report.outputs[0]?.frames).toBeGreaterThanOrEqual(260);
      expect(report.original).toMatchObject({ form: "anyLength", runs: 1 });
      expect(report.values.map((v) => v.value)).toEqual(expect.arrayContaining(["a", "b", "c", "y"]));
    }
  });

  it("catches a cache that starts with the wrong value, and names the first value that differs", async () => {
    const p = prepared();
    const { model } = p.streaming;
    const wrong: StreamingModel = {
      ...model,
      modules: model.modules.map((m) => ({ ...m, caches: m.caches.map((c) => ({ ...c, init: 0.25 })) })),
    };
    const report = await parityOf(p, wrong);
    expect(report.verdict).toBe("different");
    expect(report.firstDivergent).toEqual({ value: "a", node: "a" });
    expect(report.outputs[0]?.firstBadFrame).toBe(0);
  });

  it("labels a removed cache as approximate and measures it", async () => {
    const report = await parityOf(prepared({ caches: { b: { state: "removed" } } }));
    expect(report.verdict).toBe("approximate");
    expect(report.outputs[0]?.maxRelative).toBeGreaterThan(report.tolerance);
  });

  it("calibrates the same statistics for every chunk", async () => {
    const one = await calibrateModel(prepared({ chunk: 1 }), clips(), runtime, SILENT_JOB);
    const seven = await calibrateModel(prepared({ chunk: 7 }), clips(), runtime, SILENT_JOB);
    expect([...one.statistics.keys()]).toEqual(["x", "a", "b", "c", "y"]);
    for (const [name, s] of one.statistics) {
      expect(s.count).toBe((name === "x" ? 4 : CHANNELS) * 260);
      const other = seven.statistics.get(name);
      expect(other?.count).toBe(s.count);
      expect(other?.min).toBeCloseTo(s.min, 5);
      expect(other?.max).toBeCloseTo(s.max, 5);
    }
  });

  it("keeps the finished clips of a cancelled calibration", async () => {
    let clip = 0;
    const cancelInSecondClip = {
      ...SILENT_JOB,
      report: (progress: CalibrationProgress) => {
        clip = progress.clip;
      },
      checkpoint: async () => {
        if (clip === 2) throw new StudioError({ code: "job.cancelled" });
      },
    };
    const report = await calibrateModel(prepared(), clips(), runtime, cancelInSecondClip);
    expect(report).toMatchObject({ partial: true, clips: ["a.npy"], frames: 203 });
    expect(report.statistics.get("x")?.count).toBe(4 * 203);
  });

  it("goes on from what an earlier run had found, bit for bit, and tells it now and then", async () => {
    const told: CalibrationProgress[] = [];
    let nowMs = 0;
    const job = {
      ...SILENT_JOB,
      now: () => (nowMs += 2000),
      report: (progress: CalibrationProgress) => void told.push(progress),
    };
    const whole = await calibrateModel(prepared(), clips(), runtime, job);
    const found = told.find((p) => p.found)?.found;
    expect(found).toMatchObject({ partial: true, clips: ["a.npy"], frames: 203 });
    const began: number[] = [];
    const rest = { ...SILENT_JOB, report: (p: CalibrationProgress) => void began.push(p.clip, p.framesDone) };
    expect(await calibrateModel(prepared(), clips(), runtime, rest, found)).toEqual(whole);
    expect(began).toEqual([2, 203, 2, 260]);
    const [a, b] = clips();
    const others = [b, a].flatMap((clip) => clip ?? []);
    const anew = await calibrateModel(prepared(), others, runtime, SILENT_JOB, found);
    expect(anew).toMatchObject({ partial: false, clips: ["b.npy", "a.npy"], frames: 260 });
  });

  it("throws if it is cancelled before a clip is finished", async () => {
    const cancelled = new StudioError({ code: "job.cancelled" });
    const job = { ...SILENT_JOB, checkpoint: () => Promise.reject(cancelled) };
    await expect(calibrateModel(prepared(), clips(), runtime, job)).rejects.toBe(cancelled);
  });

  it("quantizes offline and streaming to the same integers, and packs what it verified", async () => {
    const p = prepared({ chunk: 2, splits: ["b"], method: "minmax" });
    const { statistics } = await calibrateModel(p, clips(), runtime, SILENT_JOB);
    const evaluation = await evaluate(p, statistics, clips(), runtime, SILENT_JOB);
    const { integerParity, outputs } = evaluation.quantization;
    expect(integerParity).toMatchObject({ different: 0, differences: [] });
    expect(integerParity.elements).toBeGreaterThan(260 * (4 + 3 * CHANNELS) - 1);
    // 8 bits on uniform noise give about 6 dB a bit below full scale; a wrong scale or zero point costs tens of dB.
    expect(outputs[0]?.sqnrDb).toBeGreaterThan(30);
    const request = await packageRequest(evaluation, clips());
    const first = await packageModel(runtime, request, SILENT_JOB);
    const second = await packageModel(runtime, await packageRequest(evaluation, clips()), SILENT_JOB);
    expect(first.report.verified).toBe(true);
    expect(second.zip).toEqual(first.zip);
    const again = await verifyPackage(runtime, first.zip, { fileName: "x.zip", job: SILENT_JOB });
    expect(again.report.verified).toBe(true);
  });

  it("packs truth values that are kept between steps, and outputs that reach minus infinity", async () => {
    const g = new GraphSketch();
    g.input("x", [1, 4, "T"]);
    const sums = g.conv("x", [4, 4, 3], { kernel_shape: [3], pads: [2, 0] });
    const positive = g.op("Greater", [sums, g.constant("zero", floatTensor([0], []))]);
    const late = g.conv(g.op("Relu", [sums]), [4, 4, 3], { kernel_shape: [3], pads: [1, 1] });
    const chosen = g.op("Where", [positive, late, "zero"]);
    const bytes = encodeModel(g.model([g.op("Log", [g.op("Relu", [chosen])])]));
    const opened = openModel([{ name: "where.onnx", bytes }]);
    const plan = defaultPlan({ name: opened.name, sha256: opened.sha256 }, { axes: { x: 2 } });
    const p = prepare(opened, plan);
    expect(p.streaming.model.modules[0]?.caches.map((c) => c.dtype)).toContain("bool");
    const { statistics } = await calibrateModel(p, clips(), runtime, SILENT_JOB);
    const evaluation = await evaluate(p, statistics, clips(), runtime, SILENT_JOB);
    expect(evaluation.parity.verdict).toBe("exact");
    const packed = await packageModel(runtime, await packageRequest(evaluation, clips()), SILENT_JOB);
    expect(packed.report.verified).toBe(true);
  });
});
