import type { Finding } from "../core/base/problem.ts";
import { fail, StudioError } from "../core/base/problem.ts";
import { sha256Hex } from "../core/base/sha256.ts";
import { decodeEspdl } from "../core/format/espdl/decode-espdl.ts";
import type { EspdlModel } from "../core/format/espdl/espdl-model.ts";
import { findFaults, orderFaults } from "../core/format/espdl/find-faults.ts";
import { espdlToModel } from "../core/format/espdl/to-model.ts";
import { decodeModel, externalFilesOf } from "../core/format/onnx/decode-model.ts";
import { refuseOtherThanModel, sniff } from "../core/format/sniff.ts";
import type { Model } from "../core/ir/graph.ts";
import { infoOf } from "../core/ir/walk.ts";
import type { InferenceResult } from "../core/passes/infer-shapes.ts";
import { normalize } from "../core/passes/pipeline.ts";

export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A model in memory: as it was opened, and normalised (the graph that is shown, marked and converted). */
export interface OpenedModel {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
  readonly externals: ReadonlyMap<string, Uint8Array>;
  readonly original: Model;
  readonly normalized: Model;
  readonly inference: InferenceResult;
  readonly findings: readonly Finding[];
  /** Names of files that came with the model and are no external data of it. */
  readonly unused: readonly string[];
  /** Set if the file was an `.espdl`: its integers. `original` and `normalized` are then its graph, to look at. */
  readonly espdl?: EspdlModel;
}

/**
 * Opens the one model among `files`; the others are external data of an ONNX model. Of a package of `.espdl` models
 * the first is opened, and a finding names the others; what ESP-DL could not load is found as well.
 * Throws file.* for what is no model at all, model.* for a broken one, `model.externalMissing` with every missing name.
 * `sha256`: of the model's file, by whoever has it already.
 */
export function openModel(files: readonly NamedBytes[], sha256?: string): OpenedModel {
  const file = modelAmong(files);
  try {
    return openFile(file, files, sha256);
  } catch (error) {
    // Readers see bytes; whose bytes they are is known here.
    if (error instanceof StudioError && error.problem.code === "model.malformed")
      fail({ ...error.problem, file: file.name });
    throw error;
  }
}

function openFile(file: NamedBytes, files: readonly NamedBytes[], sha256?: string): OpenedModel {
  const others = files.filter((f) => f !== file);
  if (sniff(file.bytes, file.name) === "espdl")
    return { ...openEspdl(file, sha256), unused: others.map((f) => f.name) };
  const externals = externalsOf(others, file);
  const used = new Set(externals.values());
  const original = decodeModel(file.bytes, { file: file.name, externals });
  const { model: normalized, inference } = normalize(original);
  return {
    name: file.name,
    sha256: sha256 ?? sha256Hex(file.bytes),
    bytes: file.bytes,
    externals,
    original,
    normalized,
    inference,
    findings: inference.findings,
    unused: others.filter((f) => !used.has(f.bytes)).map((f) => f.name),
  };
}

function openEspdl({ name, bytes }: NamedBytes, sha256: string | undefined): Omit<OpenedModel, "unused"> {
  const { models } = decodeEspdl(bytes, name);
  const [first, ...left] = models;
  if (!first) throw new Error("an .espdl file holds a model");
  const [broken] = orderFaults(first.model.graph);
  if (broken) fail(broken);
  const model = espdlToModel(first.model);
  const declared = infoOf(model.graph);
  const others: Finding[] =
    left.length === 0
      ? []
      : [
          {
            severity: "info",
            problem: { code: "file.oneModel", opened: first.name, left: left.map((m) => m.name) },
          },
        ];
  return {
    name,
    sha256: sha256 ?? sha256Hex(bytes),
    bytes,
    externals: new Map(),
    original: model,
    normalized: model,
    inference: { info: (value) => declared(value) ?? {}, findings: [] },
    findings: [
      ...others,
      ...findFaults(first.model).map((problem): Finding => ({ severity: "warning", problem })),
    ],
    espdl: first.model,
  };
}

/** Throws `model.quantized` for a file of integers: what converts, calibrates or runs needs a float model. */
export function requireFloat(opened: OpenedModel): void {
  if (opened.espdl) fail({ code: "model.quantized", file: opened.name });
}

const INTEGER_OPS: ReadonlySet<string> = new Set([
  "QuantizeLinear",
  "DequantizeLinear",
  "DynamicQuantizeLinear",
  "QLinearConv",
  "QLinearMatMul",
  "ConvInteger",
  "MatMulInteger",
]);

/** The same for an ONNX model that quantizes its own values: the exponents of a chip are found from floats. */
export function requireFloatNodes(opened: OpenedModel): void {
  requireFloat(opened);
  if (opened.normalized.graph.nodes.some(({ op }) => INTEGER_OPS.has(op)))
    fail({ code: "model.quantized", file: opened.name });
}

/**
 * Bytes by the location that the model names: the path from the model's folder, or, since dropped files have lost their
 * folders, the base name where only one file has it.
 */
function externalsOf(others: readonly NamedBytes[], model: NamedBytes): Map<string, Uint8Array> {
  if (others.length === 0) return new Map();
  const locations = externalFilesOf(model.bytes, model.name);
  const found = new Map<string, Uint8Array>();
  for (const location of locations) {
    const exact = others.find((f) => tidy(f.name) === tidy(location));
    const alike = others.filter((f) => baseName(f.name) === baseName(location));
    const wanted = locations.filter((other) => baseName(other) === baseName(location));
    const file = exact ?? (alike.length === 1 && wanted.length === 1 ? alike[0] : undefined);
    if (file) found.set(location, file.bytes);
  }
  return found;
}

function tidy(path: string): string {
  return path.replaceAll("\\", "/").replace(/^(\.\/)+/, "");
}

function baseName(path: string): string {
  return tidy(path).slice(tidy(path).lastIndexOf("/") + 1);
}

/** The file that openModel would open. Throws as it does. */
export function modelAmong(files: readonly NamedBytes[]): NamedBytes {
  const first = files[0] ?? fail({ code: "file.notFound", file: "*.onnx" });
  const named = files.filter((f) => /\.(onnx|espdl)$/i.test(f.name));
  const isModel = (f: NamedBytes) => ["onnx", "espdl"].includes(sniff(f.bytes, f.name));
  const file = named[0] ?? files.find(isModel) ?? first;
  refuseOtherThanModel(file.bytes, file.name);
  return file;
}
