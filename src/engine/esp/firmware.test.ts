import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { arrayClip, noise } from "../../../test/array-clip.ts";
import { hasHostCompiler, runFirmware } from "../../../test/host-firmware.ts";
import { ROOT } from "../../../test/source-imports.ts";
import { unzipFiles } from "../../core/export/zip.ts";
import { decodeEspdlModel } from "../../core/format/espdl/decode-espdl.ts";
import { defaultPlan } from "../../core/plan/default-plan.ts";
import type { Plan } from "../../core/plan/plan.ts";
import { targetById } from "../../core/targets/catalogue.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { analyse, axesOf } from "../analyse.ts";
import { calibrateModel, evaluate, prepare } from "../evaluate.ts";
import { openModel } from "../open-model.ts";
import { packageModel } from "../package-model.ts";
import { packageRequest } from "../package-request.ts";
import { SILENT_JOB } from "../ports.ts";
import { packageWholeModel } from "./package-chip.ts";
import { atDimsOf } from "./place/offline-samples.ts";
import { quantizeCompatibly } from "./place/quantize-esp.ts";

const runtime = createRuntime();
const FILE = "three-part.onnx";
const bytes = new Uint8Array(readFileSync(join(ROOT, "public", "samples", FILE)));

function opened() {
  const model = openModel([{ name: FILE, bytes }]);
  const { candidates } = analyse(model);
  const plan = defaultPlan({ name: FILE, sha256: model.sha256 }, { axes: axesOf(candidates), chunk: 4 });
  return { model, plan: { ...plan, target: "esp32-s3" } };
}

async function streaming(change: Partial<Plan>) {
  const { model, plan } = opened();
  const prepared = prepare(model, { ...plan, ...change });
  const [[input, axis] = ["", 0]] = Object.entries(prepared.analysis.stream.axes);
  const shape = prepared.analysis.stream.inference.info(input).shape ?? [];
  const dims = shape.map((d, i) => (i === axis ? 96 : Number(d)));
  const clips = [arrayClip("noise", input, noise(dims), axis)];
  const { statistics } = await calibrateModel(prepared, clips, runtime, SILENT_JOB);
  const evaluation = await evaluate(prepared, statistics, clips, runtime, SILENT_JOB);
  const { zip } = await packageModel(runtime, await packageRequest(evaluation, clips), SILENT_JOB);
  return unzipFiles(zip, "x.zip");
}

async function whole(frames = 40) {
  const { model, plan } = opened();
  const target = targetById("esp32-s3");
  if (target.exporter !== "espdl") throw new Error("no chip");
  const [input] = model.normalized.graph.inputs;
  const dims = (input?.shape ?? []).map((d) => (typeof d === "number" ? d : frames));
  const samples = [1, 2, 3].map((seed) => ({ [input?.name ?? ""]: noise(dims, seed) }));
  const placed = await quantizeCompatibly(
    {
      model: atDimsOf(model.normalized, samples[0] ?? {}),
      format: target.formats[8],
      method: "kl",
      samples,
    },
    runtime,
    SILENT_JOB,
  );
  const { zip } = await packageWholeModel(
    { plan, opened: model, target, placed, samples, fileName: "x.zip" },
    runtime,
    SILENT_JOB,
  );
  return unzipFiles(zip, "x.zip");
}

test.each([
  [40, "all"],
  [8000, "outputs"],
] as const)("vectors of a whole model over %i frames: %s", async (frames, which) => {
  const files = await whole(frames);
  const [file = ""] = [...files.keys()].filter((path) => path.endsWith(".espdl"));
  const { graph } = decodeEspdlModel(files.get(file) ?? new Uint8Array(0));
  const told = [...graph.testOutputs.keys()].sort();
  const made = graph.nodes.flatMap((node) => node.outputs).sort();
  expect(told).toEqual(which === "all" ? made : [...graph.outputs].sort());
});

const SPLIT = ["/part1/Relu"];

describe.skipIf(!hasHostCompiler())("the firmware of a package, on this machine", () => {
  test.each([
    ["one module", () => streaming({})],
    ["modules in rotation", () => streaming({ splits: SPLIT })],
    ["caches outside the files", () => streaming({ splits: SPLIT, cacheForm: "explicit" })],
    ["a whole model", () => whole()],
  ])("%s: compiles without a warning, feeds what was recorded, passes its own test", async (_, make) => {
    const { status, printed } = runFirmware(await make());
    expect(printed).toMatch(/SELF-TEST PASSED/);
    expect(printed).toMatch(/ [1-9]\d* outputs of \d+ steps compared, 0 differ/);
    expect(printed).toMatch(/inputs: [1-9]\d* checked, 0 bad/);
    expect(printed).toMatch(/a round of the schedule .* takes \d+ us/);
    expect(status).toBe(0);
  });

  test("a wrong output is found", async () => {
    const files = await streaming({});
    const vectors = Uint8Array.from(files.get("main/vectors.bin") ?? []);
    const last = vectors.length - 1;
    vectors[last] = (vectors[last] ?? 0) ^ 64;
    const { printed } = runFirmware(new Map([...files, ["main/vectors.bin", vectors]]));
    expect(printed).toMatch(/SELF-TEST FAILED/);
  });
});
