import { unzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { smallPackage } from "../../../test/small-package.ts";
import { decodeUtf8, encodeUtf8 } from "../base/utf8.ts";
import { floatTensor } from "../ir/tensor.ts";
import { parsePlan } from "../plan/parse-plan.ts";
import { packageFiles, packageZip } from "./artefacts.ts";
import { checksumFile, readChecksums } from "./checksums.ts";
import type { ModuleVectors, PackageInput } from "./package-input.ts";
import { readManifest, readVectorIndex } from "./read-manifest.ts";
import { zipFiles } from "./zip.ts";

const vectors: ModuleVectors = {
  steps: 2,
  inputs: new Map([["x/in", floatTensor([1, 2], [2, 1])]]),
  caches: new Map(),
  outputs: new Map([["y:0", floatTensor([3, 4], [2, 1])]]),
  nextCaches: new Map(),
  tolerances: new Map([["y:0", 1e-6]]),
};

function inputNamed(name: string): PackageInput {
  const { fileName: _, steps: __, chip: ___, float, int8 = [], ...told } = smallPackage(2, name);
  const add = (modules: typeof float) => modules.map((m) => ({ ...m, vectors }));
  return { ...told, float: add(float), int8: add(int8), checks: [] };
}

const textOf = (files: ReadonlyMap<string, Uint8Array>, path: string) =>
  decodeUtf8(files.get(path) ?? new Uint8Array());

describe("package", () => {
  const files = packageFiles(inputNamed("small.onnx"));

  test("holds every artefact under a portable path", () => {
    const paths = [...files.keys()].sort();
    expect(paths.filter((path) => !path.startsWith("vectors/"))).toEqual([
      "README.md",
      "SHA256SUMS",
      "float/conv.onnx",
      "float/head.onnx",
      "int8/conv.onnx",
      "int8/head.onnx",
      "js/package.json",
      "js/run_stream.mjs",
      "manifest.json",
      "plan.rill.json",
      "python/requirements.txt",
      "python/run_stream.py",
      "report.html",
      "report.json",
    ]);
    expect(paths).toContain("vectors/int8/conv/input-0.x_in.npy");
    expect(paths.every((path) => /^[A-Za-z0-9._/-]+$/.test(path))).toBe(true);
  });

  test("the manifest and the index read back", () => {
    const manifest = readManifest(files.get("manifest.json") ?? new Uint8Array());
    expect(manifest.sets.map((set) => [set.precision, set.modules.map((m) => m.file)])).toEqual([
      ["float", ["float/conv.onnx", "float/head.onnx"]],
      ["int8", ["int8/conv.onnx", "int8/head.onnx"]],
    ]);
    expect(manifest.sets[1]?.modules[0]?.caches).toEqual([
      { input: "cache.x", output: "cache.x.next", shape: [1, 2, 2], dtype: "int8", init: -3, holdSteps: 0 },
    ]);
    expect(manifest.plan).toEqual(parsePlan(textOf(files, "plan.rill.json")));
    const index = readVectorIndex(files.get("vectors/index.json") ?? new Uint8Array());
    const path = index.get("int8")?.get("head")?.outputs["y:0"] ?? "";
    expect(files.has(path)).toBe(true);
  });

  test("the manifest has the members of schema 1", () => {
    const manifest = JSON.parse(textOf(files, "manifest.json"));
    expect(manifest).toMatchObject({
      schema: 1,
      model: { name: "small.onnx", sha256: "5a".repeat(32) },
      plan: { schema: 1 },
      chunk: 1,
      rateHz: 16000,
      inputs: [{ name: "x", shape: [1, 2, 1], axis: 2 }],
      outputs: [{ name: "z", shape: [1, 2, 1], axis: 2, rate: 1, delay: 0, framesPerStep: 1 }],
      schedule: { kind: "sequential" },
      warmUp: { policy: "causal-free", wrongFrames: 0 },
      flushSteps: 0,
      parity: { verdict: "exact" },
      quantization: { method: "kl", outputs: [{ value: "z", sqnrDb: 38.25 }] },
      checks: [],
    });
    const cache = { input: "cache.x", output: "cache.x.next", shape: [1, 2, 2], dtype: "int8", init: -3 };
    expect(manifest.modules[0]).toMatchObject({
      name: "conv",
      file: "int8/conv.onnx",
      period: 1,
      startStep: 0,
      inputs: [{ name: "x" }],
      outputs: [{ name: "y" }],
      caches: [{ ...cache, value: "x", frames: 2, scale: 1 / 64, zeroPoint: -3 }],
    });
  });

  test("the checksums cover every other file", () => {
    const sums = readChecksums(files.get("SHA256SUMS") ?? new Uint8Array());
    expect([...(sums?.keys() ?? [])]).toEqual([...files.keys()].filter((p) => p !== "SHA256SUMS").sort());
    expect(decodeUtf8(checksumFile(new Map([["a", encodeUtf8("abc")]])))).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a\n",
    );
    expect(readChecksums(encodeUtf8("not a line\n"))).toBeUndefined();
  });

  test("names of the model never become markup", () => {
    const name = `</title><script>alert("1")</script>&'\`|\n`;
    const page = textOf(packageFiles(inputNamed(name)), "report.html");
    expect(page).not.toContain("<script");
    expect(page).toContain("&lt;script&gt;");
    expect(page).not.toMatch(/src=|href=|url\(/);
  });

  test("no artefact tells where or when it was made", () => {
    for (const [path, bytes] of files) {
      expect([path, /\b20\d\d-\d\d-\d\d|\/(home|root|tmp|work)\//.exec(decodeUtf8(bytes))]).toEqual([
        path,
        null,
      ]);
    }
  });
});

describe("zip", () => {
  test("does not depend on the order of files or on the time zone", () => {
    const zone = process.env.TZ;
    const files = packageFiles(inputNamed("small.onnx"));
    const zips = ["UTC", "Asia/Tokyo", "America/Los_Angeles"].map((tz, i) => {
      process.env.TZ = tz;
      const entries = [...files];
      return zipFiles(new Map(i === 1 ? entries.reverse() : entries));
    });
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
    expect(zips[1]).toEqual(zips[0]);
    expect(zips[2]).toEqual(zips[0]);
    expect(packageZip(inputNamed("small.onnx"))).toEqual(zips[0]);
  });

  test("gives every byte back", () => {
    const files = new Map([
      ["b.onnx", Uint8Array.of(1, 2, 3)],
      ["a/empty.json", new Uint8Array(0)],
      ["a/text.md", encodeUtf8("x".repeat(1000))],
    ]);
    expect(unzipSync(zipFiles(files))).toEqual(Object.fromEntries(files));
  });
});
