import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { noise } from "../../test/array-clip.ts";
import { runRill } from "../../test/run-rill.ts";
import { decodeUtf8 } from "../core/base/utf8.ts";
import { readManifest } from "../core/export/read-manifest.ts";
import { unzipFiles } from "../core/export/zip.ts";
import { decodeEspdlModel } from "../core/format/espdl/decode-espdl.ts";
import { encodeNpy } from "../core/format/npy/encode-npy.ts";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { makeModel } from "../core/format/onnx/make-model.ts";
import { intsAttribute, makeNode } from "../core/ir/graph.ts";

const folder = mkdtempSync(join(tmpdir(), "rill-chip-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (...parts: string[]) => join(folder, ...parts);

const conv = (name: string, x: string, y: string, dilation: number) =>
  makeNode(
    "Conv",
    [x, `${y}.weight`],
    [y],
    {
      kernel_shape: intsAttribute([3]),
      dilations: intsAttribute([dilation]),
      pads: intsAttribute([2 * dilation, 0]),
    },
    name,
  );
const model = encodeModel(
  makeModel(
    {
      name: "tcn",
      inputs: [{ name: "x", dtype: "float32", shape: [1, 4, "T"] }],
      outputs: [{ name: "y", dtype: "float32", shape: [1, 3, "T"] }],
      initializers: new Map([
        ["a.weight", noise([4, 4, 3], 2)],
        ["y.weight", noise([3, 4, 3], 3)],
      ]),
      nodes: [conv("first", "x", "a", 2), makeNode("Relu", ["a"], ["b"]), conv("last", "b", "y", 1)],
      values: new Map(),
    },
    { opset: 17 },
  ),
);
writeFileSync(at("tcn.onnx"), model);
mkdirSync(at("data"));
writeFileSync(at("data", "a.npy"), encodeNpy(noise([1, 4, 90], 6)));
writeFileSync(at("data", "b.npy"), encodeNpy(noise([1, 4, 60], 5)));

const packing = (output: string, ...more: string[]) =>
  runRill("package", at("tcn.onnx"), "--data", at("data"), "-o", at(output), ...more);

const filesIn = (name: string) => unzipFiles(new Uint8Array(readFileSync(at(name))), name);
const modelIn = (name: string) =>
  decodeEspdlModel(filesIn(name).get("models/tcn.espdl") ?? new Uint8Array(0));

describe("rill package for chips", () => {
  test("several targets, by their ids or ESP-PPQ's names: a verified package each", async () => {
    const { code, err, out } = await packing("many.zip", "--target", "esp32s3,c", "--chunk", "2");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("ESP32-S3\n");
    for (const id of ["esp32-s3", "esp32"]) {
      const verified = await runRill("verify", at(`many-${id}.zip`), "--json");
      expect(verified.code).toBe(0);
      const { checks, verified: whole } = JSON.parse(verified.out);
      expect(whole).toBe(true);
      expect(checks).toContainEqual(
        expect.objectContaining({ file: "models/tcn.espdl", level: "executed", passed: true, tolerance: 0 }),
      );
      const manifest = readManifest(filesIn(`many-${id}.zip`).get("manifest.json") ?? new Uint8Array(0));
      expect(manifest.plan.target).toBe(id);
    }
  });

  test("single nodes wider than the rest, caches outside, and the plan replays it", async () => {
    const options = ["--target", "esp32-p4", "--int16", "last", "--caches", "explicit"];
    expect(await packing("wide.zip", ...options)).toMatchObject({ code: 0, err: "" });
    const { graph } = modelIn("wide.zip");
    expect(graph.values.get("y")?.dtype).toBe("int16");
    expect(graph.values.get("x")?.dtype).toBe("int8");
    expect(graph.inputs).toContain("cache.x");
    writeFileSync(at("plan.rill.json"), filesIn("wide.zip").get("plan.rill.json") ?? new Uint8Array(0));
    await packing("again.zip", "--plan", at("plan.rill.json"));
    expect(readFileSync(at("again.zip"))).toEqual(readFileSync(at("wide.zip")));
    const unknown = await packing("no.zip", "--target", "esp32-p4", "--int16", "nowhere");
    expect(unknown).toMatchObject({ code: 2, out: "" });
    expect(unknown.err).toContain("plan.unknownNode");
  });

  test("ESP-PPQ's numbers over clips of any length stream as they are offline", async () => {
    const options = ["--target", "esp32s3", "--compatible", "esp-ppq", "--method", "kl", "--json"];
    const { code, out } = await packing("ppq.zip", ...options);
    expect(code).toBe(0);
    const answer = JSON.parse(out);
    expect(answer.plan).toMatchObject({ compatible: "esp-ppq", method: "kl", target: "esp32-s3" });
    expect(answer.quantization.integerParity).toMatchObject({ different: 0 });
    expect(modelIn("ppq.zip").graph.nodes.map((n) => n.op)).toContain("StreamingCache");
  });

  test("unconverted, from samples on an axis in front: runs again from its bytes", async () => {
    writeFileSync(at("samples.npy"), encodeNpy(noise([5, 1, 4, 20], 7)));
    const words = ["--offline", "--compatible", "esp-ppq", "--target", "esp32p4", "-o", at("whole.zip")];
    const { code, out } = await runRill("package", at("tcn.onnx"), "--data", at("samples.npy"), ...words);
    expect(code, out).toBe(0);
    const { graph } = modelIn("whole.zip");
    expect(graph.values.get("x")?.shape).toEqual([1, 20, 4]);
    expect([...graph.testOutputs.keys()]).toContain("y");
    const verified = await runRill("verify", at("whole.zip"), "--json");
    expect(verified.code).toBe(0);
    expect(JSON.parse(verified.out).checks).toContainEqual(
      expect.objectContaining({ file: "models/tcn.espdl", level: "executed", passed: true }),
    );
    expect(filesIn("whole.zip").has("main/app_main.cpp")).toBe(true);
  });

  test("a budget puts 16 bits where they pay, streaming and whole, and tells what each step gained", async () => {
    const options = ["--target", "esp32-s3", "--budget", "2"];
    const { code, out, err } = await packing("budget.zip", ...options);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^ {2}16 bits +because of +gained +SQNR then/m);
    expect(out).toContain("Stopped: ");
    const files = filesIn("budget.zip");
    const { quantization } = JSON.parse(decodeUtf8(files.get("report.json") ?? new Uint8Array(0)));
    expect(quantization.integerParity.different).toBe(0);
    const { widths } = quantization.choices;
    expect(widths.steps.length).toBeGreaterThan(0);
    expect(widths.sqnrDb).toBeGreaterThan(widths.base.sqnrDb);
    const { values } = modelIn("budget.zip").graph;
    expect([...values.values()].map((v) => v.dtype)).toContain("int16");
    expect(decodeUtf8(files.get("report.html") ?? new Uint8Array(0))).toContain("Where 16 bits pay");
    expect((await runRill("verify", at("budget.zip"))).code).toBe(0);
    writeFileSync(at("budget.rill.json"), files.get("plan.rill.json") ?? new Uint8Array(0));
    await packing("budget-again.zip", "--plan", at("budget.rill.json"));
    expect(readFileSync(at("budget-again.zip"))).toEqual(readFileSync(at("budget.zip")));
    await packing("budget-none.zip", "--target", "esp32-s3", "--budget", "1");
    await packing("without.zip", "--target", "esp32-s3");
    const integers = (name: string) => ({ ...modelIn(name), metadata: undefined });
    expect(integers("budget-none.zip")).toEqual(integers("without.zip"));

    writeFileSync(at("whole.npy"), encodeNpy(noise([5, 1, 4, 20], 7)));
    const words = ["--offline", ...options, "-o", at("budget-whole.zip")];
    const whole = await runRill("package", at("tcn.onnx"), "--data", at("whole.npy"), ...words);
    expect(whole.code, whole.err).toBe(0);
    expect(whole.out).toContain("Budget for 16 bits: memory at most × 2, cycles at most × 2.");
    expect(decodeUtf8(filesIn("budget-whole.zip").get("report.html") ?? new Uint8Array(0))).toContain(
      "Where 16 bits pay",
    );
    expect((await runRill("verify", at("budget-whole.zip"))).code).toBe(0);
  });

  test("a budget of less, beside 16 bits everywhere, or for a target of one width is refused", async () => {
    const asked = (...words: string[]) => packing("no.zip", "--target", "esp32-s3", ...words);
    for (const word of ["0.5", "bytes", "flash=2", "1.2,,"])
      expect((await asked("--budget", word)).err, word).toContain("cli.usage");
    expect((await asked("--budget", "cycles=2", "--bits", "16")).err).toContain("plan.budgetUnused");
    const elsewhere = await packing("no.zip", "--target", "onnxruntime", "--budget", "cycles=2");
    expect(elsewhere.err).toContain("plan.budgetUnused");
  });

  test("data beyond all that the chip can shift are told as such", async () => {
    const huge = noise([5, 1, 4, 20], 7);
    const floats = new Float32Array(huge.bytes.buffer, huge.bytes.byteOffset, huge.bytes.length / 4);
    writeFileSync(
      at("huge.npy"),
      encodeNpy({ ...huge, bytes: new Uint8Array(floats.map((x) => x * 1e30).buffer) }),
    );
    const words = ["--offline", "--target", "esp32p4", "-o", at("no.zip")];
    const { code, err } = await runRill("package", at("tcn.onnx"), "--data", at("huge.npy"), ...words);
    expect(code).toBe(2);
    expect(err).toMatch(/^quant\.limitsUnmet: /);
  });

  test("wrong words are told", async () => {
    expect((await packing("x.zip", "--target", "esp99")).err).toContain("plan.unknownTarget");
    expect((await packing("x.zip", "--target", "c", "--caches", "somewhere")).err).toContain("--caches");
    expect((await packing("x.zip", "--target", "c", "--bits", "4")).err).toContain("--bits");
    expect((await runRill("--help")).out).toContain("--int16");
  });
});
