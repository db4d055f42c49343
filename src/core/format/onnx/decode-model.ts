import { create, mergeFromBinary } from "@bufbuild/protobuf";
import { fail } from "../../base/problem.ts";
import type { FunctionDef, Graph, Model } from "../../ir/graph.ts";
import { refuseForeign } from "../sniff.ts";
import { canonicalDomain, graphOfBytes } from "./decode-graph.ts";
import { embedAttributes, embedGraph, embedNodes, type Source } from "./external-data.ts";
import { extraOf, type ModelExtra, readRecord } from "./extras.ts";
import { functionBody } from "./function-body.ts";
import { type ModelProto, ModelProtoSchema } from "./onnx_pb.ts";
import { plainView } from "./plain-view.ts";
import { checkWire } from "./wire-check.ts";
import { fieldsOf } from "./wire-fields.ts";

export interface DecodeOptions {
  /** Name of the file, for problems. */
  readonly file?: string;
  /** Contents of external data files, by the location the model names. */
  readonly externals?: ReadonlyMap<string, Uint8Array>;
}

/**
 * Decodes a serialised ONNX ModelProto. Weights stay views into `bytes` (or the external files); nothing that the IR
 * has no word for is lost (`extra`). Throws file.* for what is no model at all, `model.malformed` with the offset,
 * `model.externalMissing` with every missing name, `model.externalRange`, `model.invalidGraph`.
 */
export function decodeModel(bytes: Uint8Array, options: DecodeOptions = {}): Model {
  const missing = new Set<string>();
  const model = decode(bytes, options, missing);
  if (missing.size > 0) fail({ code: "model.externalMissing", files: [...missing].sort() });
  return model;
}

/** Locations of the external data a model needs, each once, sorted. Throws as `decodeModel` does. */
export function externalFilesOf(bytes: Uint8Array, file = ""): string[] {
  const missing = new Set<string>();
  decode(bytes, { file }, missing);
  return [...missing].sort();
}

/** The model, with empty tensors where external data is `missing`. */
function decode(bytes: Uint8Array, options: DecodeOptions, missing: Set<string>): Model {
  refuseForeign(bytes, options.file ?? "");
  const source: Source = { file: plainView(bytes), externals: options.externals ?? new Map(), missing };
  const { graph, rest } = split(source);
  for (const fn of rest.functions) {
    embedNodes(fn.node, source);
    embedAttributes(fn.attributeProto, source);
  }
  for (const { initialization, algorithm } of rest.trainingInfo) {
    if (initialization) embedGraph(initialization, source);
    if (algorithm) embedGraph(algorithm, source);
  }
  const opsets = new Map<string, number>();
  for (const { domain, version } of rest.opsetImport) opsets.set(canonicalDomain(domain), Number(version));
  return {
    irVersion: Number(rest.irVersion),
    opsets,
    producer: { name: rest.producerName, version: rest.producerVersion },
    metadata: new Map(rest.metadataProps.map(({ key, value }) => [key, value])),
    functions: rest.functions.map(
      (fn): FunctionDef => ({
        domain: canonicalDomain(fn.domain),
        name: fn.name,
        body: functionBody(fn, source.file),
        extra: fn,
      }),
    ),
    graph,
    ...extraOf(modelExtra(rest)),
  };
}

/** The graph, and the model's record without it. */
function split(source: Source): { graph: Graph; rest: ModelProto } {
  const { file } = source;
  const fault = checkWire(ModelProtoSchema, file);
  if (fault) fail({ code: "model.malformed", ...fault });
  const rest = create(ModelProtoSchema);
  let graph: Graph | undefined;
  for (const { number, start, value, end } of fieldsOf(file)) {
    if (number !== ModelProtoSchema.field.graph.number) {
      mergeFromBinary(ModelProtoSchema, rest, file.subarray(start, end));
    } else if (graph) fail({ code: "model.malformed", offset: start, what: { code: "twoGraphs" } });
    else graph = graphOfBytes(file.subarray(value, end), source);
  }
  return graph
    ? { graph, rest }
    : fail({ code: "model.malformed", offset: file.length, what: { code: "noGraph" } });
}

function modelExtra(proto: ModelProto): ModelExtra {
  const { docString, $unknown } = proto;
  const extra: ModelExtra = readRecord({ docString, $unknown });
  if (proto.domain) extra.domain = proto.domain;
  if (proto.modelVersion) extra.modelVersion = proto.modelVersion;
  if (proto.trainingInfo.length > 0) extra.training = proto.trainingInfo;
  if (proto.configuration.length > 0) extra.devices = proto.configuration;
  return extra;
}
