import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { arrayClip, noise } from "../../../test/array-clip.ts";
import { sharedData } from "../../../test/shared-data.ts";
import { ROOT } from "../../../test/source-imports.ts";
import { decodeUtf8 } from "../../core/base/utf8.ts";
import { readVectorIndex } from "../../core/export/read-manifest.ts";
import { VECTOR_INDEX } from "../../core/export/test-vectors.ts";
import { unzipFiles } from "../../core/export/zip.ts";
import { decodeEspdlModel } from "../../core/format/espdl/decode-espdl.ts";
import { findFaults } from "../../core/format/espdl/find-faults.ts";
import { parseQuantizationJson } from "../../core/format/espdl/quantization-json.ts";
import { decodeNpy } from "../../core/format/npy/decode-npy.ts";
import { defaultPlan } from "../../core/plan/default-plan.ts";
import type { Plan } from "../../core/plan/plan.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { analyse, axesOf } from "../analyse.ts";
import { calibrateModel, evaluate, prepare } from "../evaluate.ts";
import { openModel } from "../open-model.ts";
import { packageModel } from "../package-model.ts";
import { packageRequest } from "../package-request.ts";
import { SILENT_JOB } from "../ports.ts";
import { verifyPackage } from "../verify-package.ts";

const runtime = createRuntime();
const tutorial = sharedData("espdl/vendor/streaming-tutorial.esp32s3.onnx");
const FILE = "three-part.onnx";
const FRAMES = 96;

/** The package of a sample in two modules, with what was measured. */
async function packaged(change: Partial<Plan>, path = join(ROOT, "public/samples", FILE)) {
  const bytes = new Uint8Array(readFileSync(path));
  const opened = openModel([{ name: FILE, bytes }]);
  const { candidates } = analyse(opened);
  const plan = {
    ...defaultPlan({ name: FILE, sha256: opened.sha256 }, { axes: axesOf(candidates), chunk: 4 }),
    splits: ["/part1/Relu"],
    ...change,
  };
  const prepared = prepare(opened, plan);
  const [[input, axis] = ["", 0]] = Object.entries(prepared.analysis.stream.axes);
  const shape = prepared.analysis.stream.inference.info(input).shape ?? [];
  const dims = shape.map((d, i) => (i === axis ? FRAMES : Number(d)));
  const clips = [arrayClip("noise", input, noise(dims), axis)];
  const { statistics } = await calibrateModel(prepared, clips, runtime, SILENT_JOB);
  const evaluation = await evaluate(prepared, statistics, clips, runtime, SILENT_JOB);
  const packed = await packageModel(runtime, await packageRequest(evaluation, clips), SILENT_JOB);
  return { evaluation, ...packed, files: unzipFiles(packed.zip, "x.zip") };
}

const textOf = (files: ReadonlyMap<string, Uint8Array>, path: string) =>
  decodeUtf8(files.get(path) ?? new Uint8Array(0));

/** Shapes of the recorded tensors of one kind, in the order of the index. */
function vectorShapes(files: ReadonlyMap<string, Uint8Array>, key: "caches" | "nextCaches"): string[] {
  const modules = readVectorIndex(files.get(VECTOR_INDEX) ?? new Uint8Array(0)).get("chip") ?? new Map();
  return [...modules.values()].flatMap((paths) =>
    Object.values<string>(paths[key]).map(
      (path) => `${decodeNpy(files.get(path) ?? new Uint8Array(0), path).dims}`,
    ),
  );
}

const opsOf = (bytes: Uint8Array | undefined) =>
  decodeEspdlModel(bytes ?? new Uint8Array(0)).graph.nodes.map((n) => n.op);

describe("a streaming package for a chip", () => {
  test.each([
    ["esp32-s3", 8],
    ["esp32-p4", 16],
    ["esp32", 8],
  ] as const)("%s at %d bits runs again from its bytes, and equals itself", async (target, bits) => {
    const { evaluation, zip, report, files } = await packaged({ target, bits });
    expect(evaluation.parity.verdict).toBe("exact");
    expect(evaluation.quantization.integerParity.elements).toBeGreaterThan(FRAMES);
    expect(evaluation.quantization.integerParity.different).toBe(0);
    const chips = report.files.filter((f) => f.path.endsWith(".espdl"));
    expect(chips.map((f) => f.check)).toEqual(["executed", "executed"]);
    for (const { path } of chips) {
      const model = decodeEspdlModel(files.get(path) ?? new Uint8Array(0));
      expect(findFaults(model)).toEqual([]);
      expect(model.graph.testOutputs.size).toBeGreaterThan(model.graph.outputs.length);
    }
    expect((await packaged({ target, bits })).zip).toEqual(zip);
  });

  test("caches inside the files give what caches outside give, run after run", async () => {
    const inside = await packaged({ target: "esp32-s3" });
    const outside = await packaged({ target: "esp32-s3", cacheForm: "explicit" });
    const model = "models/three-part_0.espdl";
    expect(opsOf(inside.files.get(model))).toContain("StreamingCache");
    expect(opsOf(outside.files.get(model))).not.toContain("StreamingCache");
    const outputs = [...inside.files.keys()].filter((p) => /^vectors\/chip\/.*\/output-/.test(p));
    expect(outputs.length).toBeGreaterThan(1);
    for (const path of outputs) expect(inside.files.get(path)).toEqual(outside.files.get(path));
  });

  test("what stands beside a file tells of that file", async () => {
    const { files } = await packaged({ target: "esp32-p4" });
    const model = decodeEspdlModel(files.get("models/three-part_0.espdl") ?? new Uint8Array(0));
    const record = parseQuantizationJson(textOf(files, "models/three-part_0.json"));
    expect([...record.keys()]).toEqual(model.graph.nodes.map((n) => n.name));
    for (const [name, { platform, tensors = new Map() }] of record) {
      expect(platform, name).toBe("ESPDL_INT8");
      for (const [value, { scales }] of tensors) {
        const stored = model.graph.values.get(value) ?? model.graph.initializers.get(value);
        expect(scales, value).toEqual(stored?.exponents.map((e) => 2 ** e));
      }
    }
    const info = textOf(files, "models/three-part_0.info");
    for (const { op, outputs } of model.graph.nodes)
      expect(info).toContain(`%${outputs.join(", %")} = ${op}[`);
  });

  test("the firmware's tables hold every recorded byte and find room for the models", async () => {
    const { files } = await packaged({ target: "esp32-s3", cacheForm: "explicit" });
    const vectors = files.get("main/vectors.bin") ?? new Uint8Array(0);
    const recorded = [...files].filter(([p]) =>
      /^vectors\/chip\/[^/]+_(0\/(input|output)|1\/output)-/.test(p),
    );
    const bytes = recorded.map(([path, npy]) => decodeNpy(npy, path).bytes);
    expect(recorded.length).toBeGreaterThan(2);
    for (const tensor of bytes) expect(indexOf(vectors, tensor)).toBeGreaterThanOrEqual(0);
    expect(vectors.length).toBe(bytes.reduce((n, b) => n + b.length, 0));
    const room = /^model,.*, (0x[0-9a-f]+)$/m.exec(textOf(files, "partitions.csv"))?.[1];
    expect(Number(room)).toBeGreaterThan(files.get("main/models.bin")?.length ?? Number.NaN);
    expect(textOf(files, "main/package.hpp")).toContain("kCaches0[]");
    expect(textOf(files, "sdkconfig.defaults")).toContain('CONFIG_IDF_TARGET="esp32s3"');
  });

  test.skipIf(!tutorial).each([1, 3])(
    "one output per step equals the offline program over the frames before it, chunk %i",
    async (chunk) => {
      const change = { target: "esp32-p4", chunk, splits: [] };
      const { evaluation, report, files } = await packaged(change, tutorial);
      const shapes = (key: "caches" | "nextCaches") => vectorShapes(files, key);
      // What a run leaves is what the next one reads: both lie in the same order.
      expect(shapes("nextCaches")).toEqual(shapes("caches"));
      const { integerParity, outputs } = evaluation.quantization;
      expect(integerParity).toMatchObject({ different: 0 });
      expect(integerParity.elements).toBeGreaterThan(16 * 20);
      expect(outputs.map((o) => o.value)).toEqual(["164"]);
      expect(report.verified).toBe(true);
    },
  );

  test("a changed weight is found", async () => {
    const { zip, files } = await packaged({ target: "esp32-s3" });
    const broken = Uint8Array.from(zip);
    const model = files.get("models/three-part_0.espdl") ?? new Uint8Array(0);
    const at = indexOf(zip, model) + Math.floor(model.length / 2);
    broken[at] = (broken[at] ?? 0) ^ 1;
    const again = verifyPackage(runtime, broken, { fileName: "x.zip", job: SILENT_JOB });
    expect((await again).report.verified).toBe(false);
  });

  test("policies that need masks are refused", async () => {
    for (const warmUp of ["mask", "two-graph"] as const)
      await expect(packaged({ target: "esp32-s3", warmUp })).rejects.toMatchObject({
        problem: { code: "target.warmUp", policy: warmUp },
      });
  });
});

function indexOf(bytes: Uint8Array, part: Uint8Array): number {
  return Buffer.from(bytes).indexOf(Buffer.from(part));
}
