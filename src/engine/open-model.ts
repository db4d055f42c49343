import type { Finding } from "../core/base/problem.ts";
import { fail } from "../core/base/problem.ts";
import { sha256Hex } from "../core/base/sha256.ts";
import { decodeModel, externalFilesOf } from "../core/format/onnx/decode-model.ts";
import { refuseForeign, sniff } from "../core/format/sniff.ts";
import type { Model } from "../core/ir/graph.ts";
import { type InferenceResult, inferShapes } from "../core/passes/infer-shapes.ts";
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
}

/**
 * Opens the one ONNX model among `files`; the others are its external data.
 * Throws file.* for what is no model at all, model.* for a broken one, `model.externalMissing` with every missing name.
 */
export function openModel(files: readonly NamedBytes[]): OpenedModel {
  const file = modelAmong(files);
  const externals = externalsOf(
    files.filter((f) => f !== file),
    file,
  );
  const original = decodeModel(file.bytes, { file: file.name, externals });
  const { model: normalized } = normalize(original);
  const inference = inferShapes(normalized);
  return {
    name: file.name,
    sha256: sha256Hex(file.bytes),
    bytes: file.bytes,
    externals,
    original,
    normalized,
    inference,
    findings: inference.findings,
  };
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

function modelAmong(files: readonly NamedBytes[]): NamedBytes {
  const first = files[0] ?? fail({ code: "file.notFound", file: "*.onnx" });
  const named = files.filter((f) => f.name.toLowerCase().endsWith(".onnx"));
  const file = named[0] ?? files.find((f) => sniff(f.bytes, f.name) === "onnx") ?? first;
  refuseForeign(file.bytes, file.name);
  return file;
}
