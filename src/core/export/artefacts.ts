import { CHECKSUM_FILE, checksumFile } from "./checksums.ts";
import { idfProject } from "./esp-idf/idf-project.ts";
import { chipFiles } from "./espdl/chip-files.ts";
import { jsExample } from "./js-example.ts";
import { MANIFEST_FILE, manifestFile, wholeModelManifest } from "./manifest.ts";
import { onnxFiles } from "./onnx-files.ts";
import type { PackageInput } from "./package-input.ts";
import { PLAN_FILE, planFile } from "./plan-file.ts";
import { pythonExample } from "./python-example.ts";
import { readmeFile } from "./readme.ts";
import { reportHtmlFile } from "./report-html.ts";
import { reportJsonFile } from "./report-json.ts";
import { vectorFiles } from "./test-vectors.ts";
import type { WholeModelRecord } from "./whole-model/whole-model-record.ts";
import { wholeReadme } from "./whole-model/whole-readme.ts";
import { wholeReportHtml, wholeReportJson } from "./whole-model/whole-report.ts";
import { zipFiles } from "./zip.ts";

/** One kind of artefact: what a package tells → files by path. */
type Artefact = (input: PackageInput) => ReadonlyMap<string, Uint8Array>;

const one =
  (path: string, write: (input: PackageInput) => Uint8Array): Artefact =>
  (input) =>
    new Map([[path, write(input)]]);

const COMMON: readonly Artefact[] = [
  one(MANIFEST_FILE, manifestFile),
  one(PLAN_FILE, planFile),
  one("README.md", readmeFile),
  one("report.html", reportHtmlFile),
  one("report.json", reportJsonFile),
  onnxFiles,
  vectorFiles,
];

/** What runs the modules of one kind of target. */
const ONNX: readonly Artefact[] = [pythonExample, jsExample];
const CHIP: readonly Artefact[] = [chipFiles, idfProject];

/** Every file of the package by path, its checksum list included. */
export function packageFiles(input: PackageInput): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const artefact of [...COMMON, ...(input.chip ? CHIP : ONNX)]) {
    for (const [path, bytes] of artefact(input)) {
      if (files.has(path)) throw new Error(`two artefacts write ${path}`);
      files.set(path, bytes);
    }
  }
  files.set(CHECKSUM_FILE, checksumFile(files));
  return files;
}

/** The package as one zip. */
export function packageZip(input: PackageInput): Uint8Array {
  return zipFiles(packageFiles(input));
}

/** The package of a whole model for a chip as one zip. */
export function wholeModelZip(record: WholeModelRecord): Uint8Array {
  const files = new Map<string, Uint8Array>([
    [MANIFEST_FILE, wholeModelManifest(record)],
    [PLAN_FILE, planFile(record)],
    ["README.md", wholeReadme(record)],
    ["report.html", wholeReportHtml(record)],
    ["report.json", wholeReportJson(record)],
    ...vectorFiles(record),
    ...chipFiles(record),
    ...idfProject(record),
  ]);
  files.set(CHECKSUM_FILE, checksumFile(files));
  return zipFiles(files);
}
