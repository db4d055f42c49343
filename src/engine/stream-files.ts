import { sha256Hex } from "../core/base/sha256.ts";
import { MANIFEST_FILE, manifestFile } from "../core/export/manifest.ts";
import { addModule } from "../core/export/onnx-files.ts";
import { fileSafe, type PackagedModule, type PackageInput } from "../core/export/package-input.ts";
import { readManifest, readVectorIndex } from "../core/export/read-manifest.ts";
import { VECTOR_INDEX, vectorFiles } from "../core/export/test-vectors.ts";
import { checkModules } from "./check-modules.ts";
import { type PackageRequest, refuseDifference, refuseFailure, withVectors } from "./package-model.ts";
import type { Job, Runtime } from "./ports.ts";
import type { PackageReport } from "./reports.ts";

/** A folder of float streaming modules with their manifest. */
export interface StreamFiles {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly report: PackageReport;
}

const moduleFile = (_: unknown, module: Pick<PackagedModule, "name">): string =>
  `${fileSafe(module.name)}.onnx`;

/**
 * `<module>.onnx` for every float module and a `manifest.json` beside them. Every module is run from its bytes, step by
 * step from its initial caches; files `beside` are written as they are. Throws `package.mismatch` if it does not repeat itself or does not equal offline.
 */
export async function streamFiles(
  runtime: Runtime,
  request: PackageRequest,
  job: Pick<Job<never>, "checkpoint">,
  beside: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<StreamFiles> {
  const { int8: _, quantization: __, ...float } = request;
  refuseDifference(float);
  const input = await withVectors(runtime, float);
  const vectors = vectorFiles(input);
  const draft = filesOf(input);
  const [set] = readManifest(draft.get(MANIFEST_FILE) ?? new Uint8Array(0)).sets;
  if (!set) throw new Error("a manifest without modules");
  const checks = await checkModules(runtime, set, {
    files: new Map([...vectors, ...draft]),
    vectors: readVectorIndex(vectors.get(VECTOR_INDEX) ?? new Uint8Array(0)).get("float"),
    checkpoint: () => job.checkpoint(),
  });
  refuseFailure(checks);
  const files = new Map([...filesOf({ ...input, checks }), ...beside]);
  const report: PackageReport = {
    fileName: request.fileName,
    files: [...files].map(([path, bytes]) => ({
      path,
      bytes: bytes.length,
      sha256: sha256Hex(bytes),
      check: path.endsWith(".onnx") ? "executed" : "well-formed",
    })),
    checks,
    verified: true,
  };
  return { files, report };
}

function filesOf(input: PackageInput): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const module of input.float) addModule(files, moduleFile("float", module), module);
  return files.set(MANIFEST_FILE, manifestFile(input, moduleFile));
}
