import type { Finding } from "../core/base/problem.ts";
import { fail } from "../core/base/problem.ts";
import { sha256Hex } from "../core/base/sha256.ts";
import { decodeModel } from "../core/format/onnx/decode-model.ts";
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
  const externals = new Map(files.filter((f) => f !== file).map((f) => [f.name, f.bytes]));
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

function modelAmong(files: readonly NamedBytes[]): NamedBytes {
  const first = files[0] ?? fail({ code: "file.notFound", file: "*.onnx" });
  const named = files.filter((f) => f.name.toLowerCase().endsWith(".onnx"));
  const file = named[0] ?? files.find((f) => sniff(f.bytes, f.name) === "onnx") ?? first;
  refuseForeign(file.bytes, file.name);
  return file;
}
