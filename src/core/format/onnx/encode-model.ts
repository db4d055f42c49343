import { create, isMessage, toBinary } from "@bufbuild/protobuf";
import type { FunctionDef, Model } from "../../ir/graph.ts";
import { protoOfGraph } from "./encode-graph.ts";
import { type ModelExtra, writeRecord } from "./extras.ts";
import {
  type FunctionProto,
  FunctionProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
} from "./onnx_pb.ts";

/**
 * Serialised ONNX ModelProto, all weights inside as raw data. The same model gives the same bytes: entries of maps and
 * lists stand in their own order.
 */
export function encodeModel(model: Model): Uint8Array {
  return toBinary(ModelProtoSchema, protoOfModel(model));
}

function protoOfModel(model: Model): ModelProto {
  const extra: ModelExtra | undefined = model.extra;
  const proto = create(ModelProtoSchema);
  if (model.irVersion) proto.irVersion = BigInt(model.irVersion);
  if (model.producer.name) proto.producerName = model.producer.name;
  if (model.producer.version) proto.producerVersion = model.producer.version;
  for (const [domain, version] of model.opsets) {
    proto.opsetImport.push(create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) }));
  }
  for (const [key, value] of model.metadata) {
    proto.metadataProps.push(create(StringStringEntryProtoSchema, { key, value }));
  }
  proto.graph = protoOfGraph(model.graph);
  proto.functions = model.functions.map(protoOfFunction);
  if (extra?.domain) proto.domain = extra.domain;
  if (extra?.modelVersion) proto.modelVersion = extra.modelVersion;
  if (extra?.training) proto.trainingInfo = extra.training;
  if (extra?.devices) proto.configuration = extra.devices;
  writeRecord(proto, extra);
  return proto;
}

function protoOfFunction(def: FunctionDef): FunctionProto {
  if (!isMessage(def.extra, FunctionProtoSchema)) {
    throw new Error(`function ${def.domain}.${def.name} has no ONNX record`);
  }
  return def.extra;
}
