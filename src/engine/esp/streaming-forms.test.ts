import { describe, expect, test } from "vitest";
import { arrayClip, noise } from "../../../test/array-clip.ts";
import { GraphSketch } from "../../../test/stream-lab.ts";
import { unzipFiles } from "../../core/export/zip.ts";
import { decodeEspdlModel } from "../../core/format/espdl/decode-espdl.ts";
import { encodeModel } from "../../core/format/onnx/encode-model.ts";
import type { Model } from "../../core/ir/graph.ts";
import { defaultPlan } from "../../core/plan/default-plan.ts";
import type { Plan } from "../../core/plan/plan.ts";
import type { Module } from "../../core/stream/module.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { calibrateModel, evaluate, prepare } from "../evaluate.ts";
import { openModel } from "../open-model.ts";
import { packageModel } from "../package-model.ts";
import { packageRequest } from "../package-request.ts";
import { SILENT_JOB } from "../ports.ts";
import { verifyPackage } from "../verify-package.ts";

const runtime = createRuntime();
const FRAMES = 96;
const OUTPUTS = 4 * FRAMES;

async function packaged(model: Model, change: Partial<Plan>) {
  const opened = openModel([{ name: "forms.onnx", bytes: encodeModel(model) }]);
  const plan = defaultPlan(
    { name: opened.name, sha256: opened.sha256 },
    { axes: { x: 2 }, chunk: 4, method: "minmax", ...change },
  );
  const prepared = prepare(opened, plan);
  const clips = [arrayClip("noise.npy", "x", noise([1, 4, FRAMES], 7), 2)];
  const { statistics } = await calibrateModel(prepared, clips, runtime, SILENT_JOB);
  const evaluation = await evaluate(prepared, statistics, clips, runtime, SILENT_JOB);
  const { zip } = await packageModel(runtime, await packageRequest(evaluation, clips), SILENT_JOB);
  const { report } = await verifyPackage(runtime, zip, { fileName: "forms.zip", job: SILENT_JOB });
  const files = [...unzipFiles(zip, "forms.zip")].filter(([path]) => path.endsWith(".espdl"));
  const graphs = files.map(([path, bytes]) => decodeEspdlModel(bytes, path).graph);
  return { evaluation, report, graphs, modules: evaluation.streaming.model.modules };
}

/** Three convolutions of one value: two with a window of three frames, one with five. */
function sharedReaders(): Model {
  const g = new GraphSketch(1);
  const x = g.input("x", [1, 4, "T"]);
  const causal = (frames: number) => g.conv(x, [4, 4, frames], { pads: [frames - 1, 0] });
  const [a, b, c] = [causal(3), causal(3), causal(5)];
  return g.model([g.op("Add", [g.op("Add", [a, b]), c], {}, "y")]);
}

/** Layers that look ahead, with a pool whose padding is not zero, and a slope per channel. */
function lookingAhead(): Model {
  const g = new GraphSketch(2);
  const x = g.input("x", [1, 4, "T"]);
  const a = g.op(
    "PRelu",
    [g.conv(x, [4, 4, 3], { pads: [1, 1] }), g.constant("slopes", noise([4, 1], 5))],
    {},
    "a",
  );
  const b = g.op(
    "MaxPool",
    [g.conv(a, [4, 4, 3], { pads: [1, 1] })],
    { kernel_shape: [3], pads: [1, 1] },
    "b",
  );
  return g.model([g.op("Add", [g.conv(b, [4, 4, 3], { pads: [1, 1] }), x], {}, "y")]);
}

/** Half the frames in the middle, and back. */
function twoRates(): Model {
  const g = new GraphSketch(3);
  const x = g.input("x", [1, 4, "T"]);
  const a = g.op("Relu", [g.conv(x, [4, 4, 3], { pads: [2, 0] })], {}, "a");
  const slow = g.op("Relu", [g.conv(a, [4, 4, 4], { pads: [2, 0], strides: [2] })], {}, "slow");
  const b = g.op("Sigmoid", [g.conv(slow, [4, 4, 3], { pads: [2, 0] })], {}, "b");
  const up = g.op("ConvTranspose", [b, g.constant("up", noise([4, 4, 2], 6))], {
    strides: [2],
    kernel_shape: [2],
  });
  return g.model([g.op("Add", [up, a], {}, "y")]);
}

/** What makes the form what it is. */
type Sign = (modules: readonly Module[]) => boolean;

const isHeld: Sign = (modules) => modules.some((m) => m.caches.some((c) => (c.holdSteps ?? 0) > 0));
const isGated: Sign = (modules) => modules.some((m) => m.gateRuns > 0);
const runsSlower: Sign = (modules) => new Set(modules.map((m) => m.chunk)).size > 1;

const FORMS: readonly (readonly [string, () => Model, Partial<Plan>, Sign])[] = [
  ["shared readers", sharedReaders, {}, (modules) => modules.length === 1],
  ["start held", lookingAhead, { warmUp: "hold" }, isHeld],
  ["start held, modules gated", lookingAhead, { warmUp: "hold", chunk: 1, splits: ["a", "b"] }, isGated],
  ["two rates", twoRates, {}, (modules) => modules.length === 1],
  ["two rates, the slow one every second step", twoRates, { chunk: 1, splits: ["a"] }, runsSlower],
];
const CHIPS = [
  ["esp32-s3", 8],
  ["esp32-p4", 16],
] as const;

describe.each(FORMS)("%s", (_, build, change, sign) => {
  test.each(CHIPS)(
    "%s at %d bits: every value inside equals offline, from the zip too",
    async (target, bits) => {
      for (const form of [{}, { cacheForm: "explicit" }] as const) {
        const { evaluation, report, graphs, modules } = await packaged(build(), {
          target,
          bits,
          ...form,
          ...change,
        });
        expect(sign(modules)).toBe(true);
        expect(evaluation.parity.verdict).toBe("exact");
        const { elements, different } = evaluation.quantization.integerParity;
        expect(different).toBe(0);
        // Outputs alone would be fewer.
        expect(elements).toBeGreaterThan(2 * OUTPUTS);
        expect(report.verified).toBe(true);
        const caches = graphs.flatMap((g) => g.nodes.filter((n) => n.op === "StreamingCache"));
        const outside = graphs.flatMap((g) => g.inputs.filter((name) => name.startsWith("cache.")));
        expect(caches.length + outside.length).toBeGreaterThan(0);
        if ("cacheForm" in form) expect(caches).toEqual([]);
      }
    },
  );
});

test("readers of one value share one cache: the longest window, and slices of it", async () => {
  const { graphs } = await packaged(sharedReaders(), { target: "esp32-p4" });
  const nodes = graphs.flatMap((g) => g.nodes);
  const caches = nodes.filter((n) => n.op === "StreamingCache");
  expect(caches.map((n) => n.inputs[0])).toEqual(["x"]);
  const window = caches[0]?.outputs[0] ?? "";
  const readers = nodes.filter((n) => n.inputs.includes(window)).map((n) => n.op);
  // One slice serves both of the shorter windows.
  expect(readers.sort()).toEqual(["Conv", "Slice"]);
});
