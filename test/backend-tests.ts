import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { decodeTensor } from "../src/core/format/onnx/decode-tensor.ts";
import type { Graph } from "../src/core/ir/graph.ts";
import type { Tensor } from "../src/core/ir/tensor.ts";
import { realInputs } from "../src/core/ir/walk.ts";
import { sharedData } from "./shared-data.ts";

/** One ONNX operator test: a model and the outputs it must give. */
export interface BackendCase {
  /** Folder name, e.g. "test_conv_with_strides_padding". */
  readonly name: string;
  readonly modelFile: string;
  /** Folders with input_*.pb and output_*.pb. */
  readonly dataSets: readonly string[];
}

const ARCHIVES = ["node-v1.15.0", "pytorch-and-simple"];

/** All backend tests, sorted by path; unpacked to a temporary folder on first use. Empty when the archives are absent. */
export function backendCases(): BackendCase[] {
  const cases: BackendCase[] = [];
  for (const archive of ARCHIVES) {
    const file = sharedData(`onnx-backend-tests/${archive}.tar.gz`);
    if (file) cases.push(...casesBelow(unpacked(file)));
  }
  return cases;
}

/** Every n-th case, so that about `count` are left: the same ones in every run. All of them if RILL_ALL is set. */
export function sampleOf<T>(items: readonly T[], count: number): T[] {
  if (process.env.RILL_ALL) return [...items];
  const step = Math.max(1, Math.floor(items.length / count));
  return items.filter((_, i) => i % step === 0);
}

export interface DataSet {
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly expected: Readonly<Record<string, Tensor>>;
}

/** Inputs and outputs of one data set by the names of `graph`; undefined if some are no tensors (sequences, optionals). */
export function readDataSet(folder: string, graph: Graph): DataSet | undefined {
  const feeds = readPorts(folder, "input", realInputs(graph));
  const expected = readPorts(folder, "output", graph.outputs);
  return feeds && expected ? { feeds, expected } : undefined;
}

function readPorts(
  folder: string,
  kind: "input" | "output",
  ports: Graph["inputs"],
): Record<string, Tensor> | undefined {
  const tensors: Record<string, Tensor> = {};
  for (const [i, port] of ports.entries()) {
    if (port.dtype === undefined) return undefined;
    const file = join(folder, `${kind}_${i}.pb`);
    if (existsSync(file)) tensors[port.name] = decodeTensor(readFileSync(file));
  }
  return tensors;
}

/** The folder an archive was unpacked to. Several test processes may race: the first rename wins. */
function unpacked(archive: string): string {
  const { size } = statSync(archive);
  const folder = join(tmpdir(), `rill-${basename(archive, ".tar.gz")}-${size}`);
  if (existsSync(folder)) return folder;
  const fresh = mkdtempSync(`${folder}-`);
  execFileSync("tar", ["-xzf", archive, "-C", fresh]);
  try {
    renameSync(fresh, folder);
  } catch {
    rmSync(fresh, { recursive: true });
  }
  return folder;
}

function casesBelow(root: string): BackendCase[] {
  const models = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => basename(path) === "model.onnx")
    .sort();
  return models.map((path) => {
    const modelFile = join(root, path);
    const folder = join(modelFile, "..");
    const dataSets = readdirSync(folder).filter((name) => name.startsWith("test_data_set_"));
    return { name: basename(folder), modelFile, dataSets: dataSets.sort().map((name) => join(folder, name)) };
  });
}
