import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { arrayClip, noise } from "../../test/array-clip.ts";
import { unzipFiles } from "../core/export/zip.ts";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { makeModel } from "../core/format/onnx/make-model.ts";
import { type Graph, intAttribute, intsAttribute, makeNode, type Node } from "../core/ir/graph.ts";
import type { Tensor } from "../core/ir/tensor.ts";
import { defaultPlan } from "../core/plan/default-plan.ts";
import type { Plan } from "../core/plan/plan.ts";
import { createRuntime } from "../runtime/ort.ts";
import { calibrateModel, evaluate, prepare } from "./evaluate.ts";
import { openModel } from "./open-model.ts";
import { packageModel } from "./package-model.ts";
import { packageRequest } from "./package-request.ts";
import { SILENT_JOB } from "./ports.ts";

const runtime = createRuntime();
const CHANNELS = 4;

interface ConvShape {
  readonly stride?: number;
  readonly pads?: readonly [number, number];
}

/** x → … : one convolution of kernel 3 and a Relu per layer, all of four channels. */
function layers(shapes: readonly ConvShape[]): Uint8Array {
  const nodes: Node[] = [];
  const initializers = new Map<string, Tensor>();
  let from = "x";
  for (const [i, { stride = 1, pads = [2, 0] }] of shapes.entries()) {
    initializers.set(`w${i}`, noise([CHANNELS, CHANNELS, 3], 2 * i + 2));
    initializers.set(`b${i}`, noise([CHANNELS], 2 * i + 3));
    const attributes = {
      pads: intsAttribute(pads),
      strides: intsAttribute([stride]),
      group: intAttribute(1),
    };
    nodes.push(makeNode("Conv", [from, `w${i}`, `b${i}`], [`c${i}`], attributes));
    from = i === shapes.length - 1 ? "y" : `r${i}`;
    nodes.push(makeNode("Relu", [`c${i}`], [from]));
  }
  const graph: Graph = {
    name: "layers",
    inputs: [{ name: "x", dtype: "float32", shape: [1, CHANNELS, "T"] }],
    outputs: [{ name: "y", dtype: "float32", shape: [1, CHANNELS, "U"] }],
    initializers,
    nodes,
    values: new Map(),
  };
  return encodeModel(makeModel(graph, { opset: 17 }));
}

const clips = () => [arrayClip("a.npy", "x", noise([1, CHANNELS, 150], 7), 2)];

function prepared(shapes: readonly ConvShape[], change: Partial<Plan>) {
  const opened = openModel([{ name: "layers.onnx", bytes: layers(shapes) }]);
  const plan = defaultPlan(
    { name: opened.name, sha256: opened.sha256 },
    { axes: { x: 2 }, method: "minmax", ...change },
  );
  return prepare(opened, plan);
}

async function packaged(shapes: readonly ConvShape[], change: Partial<Plan>) {
  const ready = prepared(shapes, change);
  const { statistics } = await calibrateModel(ready, clips(), runtime, SILENT_JOB);
  const evaluation = await evaluate(ready, statistics, clips(), runtime, SILENT_JOB);
  const request = await packageRequest(evaluation, clips());
  return { evaluation, ...(await packageModel(runtime, request, SILENT_JOB)) };
}

/** The package's own example in Node, in a folder that finds this project's onnxruntime-web. */
function runExample(zip: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), "example-"));
  try {
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    for (const [path, bytes] of unzipFiles(zip, "p.zip")) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
    return execFileSync("node", [join(folder, "js", "run_stream.mjs")], { encoding: "utf8" });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const STRIDED: readonly ConvShape[] = [{}, { stride: 2 }, {}, { stride: 2 }, { pads: [1, 1] }];

describe("a chunk smaller than the stride", () => {
  it.each<Partial<Plan>>([
    { chunk: 1, splits: ["r0"] },
    { chunk: 1, splits: ["r0", "r2"] },
    { chunk: 2, splits: ["r1", "r2"] },
    { chunk: 2, splits: ["r2", "r3"], warmUp: "mask" },
    { chunk: 6, splits: ["r2"] },
    { chunk: 2, splits: ["r2"], end: "exact" },
  ])("runs slow modules less often, exact on every frame: %j", async (change) => {
    const { evaluation, report, zip } = await packaged(STRIDED, change);
    const { model, schedule } = evaluation.streaming;
    const total = 4;
    expect(model.roundFrames % total).toBe(0);
    expect(model.modules.at(-1)?.chunk).toBe(model.roundFrames);
    expect(schedule.kind).toBe("multiRate");
    expect(evaluation.parity.verdict).toBe("exact");
    expect(evaluation.parity.outputs[0]?.frames).toBeGreaterThan(30);
    expect(evaluation.quantization.integerParity.different).toBe(0);
    expect(report.verified).toBe(true);
    expect(runExample(zip)).toMatch(/^\d+ steps/);
  });

  it("needs a first module that can take it", () => {
    for (const [chunk, splits] of [
      [2, []],
      [1, ["r2"]],
      [0, ["r0"]],
    ] as const) {
      const problem = { code: "stream.chunkMultiple", chunk, minimalChunk: 4 };
      expect(() => prepared(STRIDED, { chunk, splits })).toThrowError(expect.objectContaining({ problem }));
    }
  });
});

describe("gating", () => {
  it("T93 a module behind a delay of 4 at 2 frames a run starts at step 2, exact without masks", async () => {
    // Two layers look ahead by two frames each; the third pads where the second has nothing true to give.
    const shapes = [{ pads: [0, 2] }, { pads: [0, 2] }, { pads: [2, 0] }] as const;
    const { evaluation, report, zip } = await packaged(shapes, { chunk: 2, splits: ["r1"] });
    const [first, second] = evaluation.streaming.model.modules;
    expect(second?.inputs.map((p) => [p.delay, p.framesPerStep])).toEqual([[4, 2]]);
    expect([first?.gateRuns, second?.gateRuns]).toEqual([0, 2]);
    expect(second?.caches.map((c) => [c.kind, c.holdSteps])).toEqual([["window", 2]]);
    expect(second?.graph.nodes.map((n) => n.op)).not.toContain("Where");
    expect(evaluation.parity.verdict).toBe("exact");
    expect(evaluation.quantization.integerParity.different).toBe(0);
    expect(report.verified).toBe(true);
    expect(runExample(zip)).toMatch(/^16 steps, 2 module/);
    const { schedule } = evaluation.streaming;
    const rounds = (schedule.startSteps[1] ?? 0) - (schedule.startSteps[0] ?? 0);
    // In chunks the second module is two behind; in the rotation of two schedule steps a chunk one more step.
    expect(rounds).toBe(2 * schedule.period + 1);
  });
});
