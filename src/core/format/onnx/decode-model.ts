import { fromBinary } from "@bufbuild/protobuf";
import { fail } from "../../base/problem.ts";
import type { FunctionDef, Model } from "../../ir/graph.ts";
import { refuseForeign } from "../sniff.ts";
import { canonicalDomain, graphOfProto } from "./decode-graph.ts";
import { plainView } from "./decode-tensor.ts";
import { externalLocations, resolveExternals } from "./external-data.ts";
import { extraOf, type ModelExtra, readRecord } from "./extras.ts";
import { type ModelProto, ModelProtoSchema } from "./onnx_pb.ts";
import { checkWire } from "./wire-check.ts";

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
  refuseForeign(bytes, options.file ?? "");
  const file = plainView(bytes);
  const proto = parseModel(file);
  if (!proto.graph) return fail({ code: "model.malformed", offset: bytes.length, what: "no graph" });
  resolveExternals(proto, options.externals ?? new Map());
  const opsets = new Map<string, number>();
  for (const { domain, version } of proto.opsetImport) opsets.set(canonicalDomain(domain), Number(version));
  return {
    irVersion: Number(proto.irVersion),
    opsets,
    producer: { name: proto.producerName, version: proto.producerVersion },
    metadata: new Map(proto.metadataProps.map(({ key, value }) => [key, value])),
    functions: proto.functions.map(
      (fn): FunctionDef => ({ domain: canonicalDomain(fn.domain), name: fn.name, extra: fn }),
    ),
    graph: graphOfProto(proto.graph, file),
    ...extraOf(modelExtra(proto)),
  };
}

/** Locations of the external data a model needs, each once, in order of first use. Throws as `decodeModel` does. */
export function externalFilesOf(bytes: Uint8Array, file = ""): string[] {
  refuseForeign(bytes, file);
  return externalLocations(parseModel(bytes));
}

function parseModel(bytes: Uint8Array): ModelProto {
  const fault = checkWire(ModelProtoSchema, bytes);
  if (fault) fail({ code: "model.malformed", ...fault });
  return fromBinary(ModelProtoSchema, bytes);
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
