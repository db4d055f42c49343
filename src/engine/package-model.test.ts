import { describe, expect, test } from "vitest";
import { smallPackage } from "../../test/small-package.ts";
import { StudioError } from "../core/base/problem.ts";
import { checksumFile } from "../core/export/checksums.ts";
import { unzipFiles, zipFiles } from "../core/export/zip.ts";
import { createRuntime } from "../runtime/ort.ts";
import { type PackageRequest, packageModel } from "./package-model.ts";
import { SILENT_JOB } from "./ports.ts";
import { verifyPackage } from "./verify-package.ts";

const runtime = createRuntime();
const pack = (request: PackageRequest) => packageModel(runtime, request, SILENT_JOB);
const verify = async (zip: Uint8Array) =>
  (await verifyPackage(runtime, zip, { fileName: "small.zip", job: SILENT_JOB })).report;

/** The package with one file changed; with `sums`, its checksum list follows. */
function tampered(
  zip: Uint8Array,
  path: string,
  change: (bytes: Uint8Array) => Uint8Array | undefined,
  sums = false,
) {
  const files = unzipFiles(zip, "small.zip");
  const changed = change((files.get(path) ?? new Uint8Array()).slice());
  if (changed) files.set(path, changed);
  else files.delete(path);
  if (sums) files.set("SHA256SUMS", checksumFile(files));
  return zipFiles(files);
}

const replaceText = (from: string, to: string) => (bytes: Uint8Array) =>
  new TextEncoder().encode(new TextDecoder().decode(bytes).replace(from, to));

describe("packing a model", async () => {
  const { zip, report } = await pack(smallPackage());

  test("every ONNX of the finished zip was run; the manifest says so", async () => {
    expect(report.verified).toBe(true);
    const levels = report.files.filter((f) => f.path.endsWith(".onnx")).map((f) => [f.path, f.check]);
    expect(levels).toEqual([
      ["float/conv.onnx", "executed"],
      ["float/head.onnx", "executed"],
      ["int8/conv.onnx", "executed"],
      ["int8/head.onnx", "executed"],
    ]);
    const manifest = JSON.parse(new TextDecoder().decode(unzipFiles(zip, "").get("manifest.json")));
    expect(manifest.checks).toHaveLength(4);
    expect(manifest.checks.every((c: { passed: boolean }) => c.passed)).toBe(true);
  });

  test("is deterministic and verifies from its bytes alone", async () => {
    expect((await pack(smallPackage())).zip).toEqual(zip);
    expect((await verify(zip)).verified).toBe(true);
  });

  test("a wrong initial cache, a swapped module and a changed byte are found", async () => {
    const cases: [Uint8Array, string][] = [
      [tampered(zip, "manifest.json", replaceText('"init": -3', '"init": 0'), true), "int8/conv.onnx"],
      [
        tampered(
          zip,
          "manifest.json",
          replaceText('"int8/head.onnx",\n      "gateRuns"', '"int8/conv.onnx",\n      "gateRuns"'),
          true,
        ),
        "int8/conv.onnx",
      ],
      [tampered(zip, "float/head.onnx", (b) => b.fill(0, 8), true), "float/head.onnx"],
      [tampered(zip, "float/head.onnx", () => undefined, true), "float/head.onnx"],
      [tampered(zip, "README.md", replaceText("#", "##")), "README.md"],
      [tampered(zip, "README.md", () => undefined), "README.md"],
      [tampered(zip, "plan.rill.json", replaceText("5a5a", "0000"), true), "plan.rill.json"],
    ];
    for (const [bytes, file] of cases) {
      const { verified, checks } = await verify(bytes);
      expect([file, verified]).toEqual([file, false]);
      expect(checks.filter((c) => !c.passed).map((c) => c.file)).toContain(file);
    }
  });

  test("a weight changed in the last bit of an int8 package's vectors is a mismatch of that value", async () => {
    const path = "vectors/int8/conv/next-0.cache.x.next.npy";
    const bumped = tampered(zip, path, (b) => b.fill((b[b.length - 1] ?? 0) + 1, b.length - 1), true);
    const failing = (await verify(bumped)).checks.filter((c) => !c.passed);
    expect(failing).toMatchObject([
      { file: "int8/conv.onnx", name: "cache.x.next", maxAbs: 1, tolerance: 0 },
    ]);
  });

  test("what is no package is refused by name", async () => {
    for (const bytes of [new Uint8Array(0), zip.slice(0, zip.length / 2), zipFiles(new Map())]) {
      const error = await verify(bytes).catch((e: unknown) => e);
      expect(error instanceof StudioError && error.problem.code).toBe("package.malformed");
    }
  });

  test("a module whose caches do not fit never leaves", async () => {
    const request = smallPackage();
    const [conv, head] = request.int8 ?? [];
    if (!conv || !head) throw new Error("two modules expected");
    const wrong = { ...request, int8: [{ ...conv, outputs: [] }, head] };
    await expect(pack(wrong)).rejects.toThrow();
  });
});
