import { fail } from "../core/base/problem.ts";
import { sha256Hex } from "../core/base/sha256.ts";
import { decodeUtf8 } from "../core/base/utf8.ts";
import { CHECKSUM_FILE, readChecksums } from "../core/export/checksums.ts";
import { MANIFEST_FILE } from "../core/export/manifest.ts";
import type { CheckLevel, CheckRecord } from "../core/export/package-input.ts";
import { PLAN_FILE } from "../core/export/plan-file.ts";
import { type Manifest, readManifest, readVectorIndex } from "../core/export/read-manifest.ts";
import { VECTOR_INDEX } from "../core/export/test-vectors.ts";
import { unzipFiles } from "../core/export/zip.ts";
import { decodeNpy } from "../core/format/npy/decode-npy.ts";
import { parsePlan } from "../core/plan/parse-plan.ts";
import { checkModules } from "./check-modules.ts";
import { checkFlashed } from "./esp/check-flashed.ts";
import { withFileTwin } from "./esp/file-twin.ts";
import type { Job, Runtime } from "./ports.ts";
import type { PackageFile, PackageReport } from "./reports.ts";

export interface VerifyProgress {
  readonly stage: "verify";
  readonly done: number;
  readonly total: number;
  readonly what: string;
}

/** What a package's own content says once everything in it was read and run again. */
export interface VerifiedPackage {
  readonly report: PackageReport;
  readonly manifest: Manifest;
  readonly records: readonly CheckRecord[];
}

/**
 * Reads the zip back and checks every file from its bytes: hashes, forms, and each ONNX or `.espdl` file by running it step by step
 * from its initial caches against the test vectors. A failed check is an answer (`verified: false`); throws
 * `package.malformed` only for what is no package at all.
 */
export async function verifyPackage(
  runtime: Runtime,
  zip: Uint8Array,
  options: { readonly fileName: string; readonly job: Job<VerifyProgress> },
): Promise<VerifiedPackage> {
  const { fileName, job } = options;
  const files = unzipFiles(zip, fileName);
  const need = (path: string) =>
    files.get(path) ?? fail({ code: "package.malformed", file: path, what: { code: "fileMissing" } });
  const manifest = readManifest(need(MANIFEST_FILE));
  const records: CheckRecord[] = [...checkSums(files, need(CHECKSUM_FILE)), ...checkForms(files, manifest)];
  const vectors = readVectorIndex(need(VECTOR_INDEX));
  for (const [i, set] of manifest.sets.entries()) {
    job.report({ stage: "verify", done: i, total: manifest.sets.length, what: set.precision });
    records.push(...checkFlashed(files, set));
    const context = { files, vectors: vectors.get(set.precision), checkpoint: () => job.checkpoint() };
    records.push(...(await checkModules(withFileTwin(runtime), set, context)));
  }
  job.report({ stage: "verify", done: manifest.sets.length, total: manifest.sets.length, what: "" });
  const report: PackageReport = {
    fileName,
    files: [...files].map(([path, bytes]) => describe(path, bytes, records)),
    checks: records,
    verified: records.every((r) => r.passed),
  };
  return { report, manifest, records };
}

const LEVELS: readonly CheckLevel[] = ["executed", "loaded", "well-formed"];

function describe(path: string, bytes: Uint8Array, records: readonly CheckRecord[]): PackageFile {
  const reached = records.filter((r) => r.file === path && r.passed).map((r) => r.level);
  const check = LEVELS.find((level) => reached.includes(level)) ?? "well-formed";
  return { path, bytes: bytes.length, sha256: sha256Hex(bytes), check };
}

function result(name: string, file: string, passed: boolean): CheckRecord {
  return { name, file, level: "well-formed", passed, maxAbs: 0, tolerance: 0 };
}

/** Every file is listed with its hash, and every listed file is there; one record per file that is not. */
function checkSums(files: ReadonlyMap<string, Uint8Array>, list: Uint8Array): CheckRecord[] {
  const sums =
    readChecksums(list) ??
    fail({ code: "package.malformed", file: CHECKSUM_FILE, what: { code: "checksumLine" } });
  const wrong = [...files].filter(
    ([path, bytes]) => path !== CHECKSUM_FILE && sums.get(path) !== sha256Hex(bytes),
  );
  const missing = [...sums.keys()].filter((path) => !files.has(path));
  const bad = [...wrong.map(([path]) => path), ...missing].sort();
  return bad.length === 0
    ? [result("checksum", CHECKSUM_FILE, true)]
    : bad.map((path) => result("checksum", path, false));
}

/** Files that can only be read: JSON, npy, the plan. */
function checkForms(files: ReadonlyMap<string, Uint8Array>, manifest: Manifest): CheckRecord[] {
  const records: CheckRecord[] = [];
  for (const [path, bytes] of files) {
    if (path.endsWith(".json"))
      records.push(
        result(
          "form",
          path,
          reads(() => JSON.parse(decodeUtf8(bytes))),
        ),
      );
    if (path.endsWith(".npy"))
      records.push(
        result(
          "form",
          path,
          reads(() => decodeNpy(bytes, path)),
        ),
      );
  }
  const plan = files.get(PLAN_FILE);
  const samePlan = plan !== undefined && reads(() => parsePlan(decodeUtf8(plan)));
  const about = plan !== undefined && samePlan ? parsePlan(decodeUtf8(plan)).model.sha256 : "";
  records.push(result("plan", PLAN_FILE, samePlan && about === manifest.model.sha256));
  return records;
}

function reads(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}
