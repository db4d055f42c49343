import type { Message } from "@bufbuild/protobuf";
import type { ValueInfo } from "../../ir/graph.ts";
import type {
  DeviceConfigurationProto,
  NodeDeviceConfigurationProto,
  SparseTensorProto,
  StringStringEntryProto,
  TensorAnnotation,
  TensorProto_Segment,
  TrainingInfoProto,
  TypeProto,
} from "./onnx_pb.ts";

/*
 * What the `extra` of each IR record holds when it came from an ONNX file: the fields that the IR has no word for.
 * Absent fields are absent in the file. `FunctionDef.extra` is the whole FunctionProto.
 */

export type UnknownFields = NonNullable<Message["$unknown"]>;

interface RecordExtra {
  docString?: string;
  metadata?: StringStringEntryProto[];
  unknown?: UnknownFields;
}

export interface ModelExtra extends Omit<RecordExtra, "metadata"> {
  domain?: string;
  modelVersion?: bigint;
  training?: TrainingInfoProto[];
  devices?: DeviceConfigurationProto[];
}

export interface GraphExtra extends RecordExtra {
  annotations?: TensorAnnotation[];
  /** value_info entries that say again what a graph input or output says; written while they still agree. */
  repeated?: ValueInfo[];
}

export interface NodeExtra extends RecordExtra {
  overload?: string;
  devices?: NodeDeviceConfigurationProto[];
  /** By attribute name. */
  attributes?: Record<string, Omit<RecordExtra, "metadata">>;
}

export interface ValueExtra extends RecordExtra {
  /** The type as it stood, where dtype and shape do not say all of it; written while they still agree with it. */
  type?: TypeProto;
}

export interface TensorExtra extends RecordExtra {
  /** Names of tensors in attributes; initializers have theirs in the graph. */
  name?: string;
  segment?: TensorProto_Segment;
  /** A sparse initializer: the record, and the dense bytes it stands for. Written while the tensor still has these bytes. */
  sparse?: { readonly proto: SparseTensorProto; readonly dense: Uint8Array };
}

interface WithRecord {
  docString?: string;
  metadataProps?: StringStringEntryProto[];
  $unknown?: UnknownFields | undefined;
}

/** The fields that most ONNX records share, of one record; empty when it has none. */
export function readRecord(proto: WithRecord): RecordExtra {
  const extra: RecordExtra = {};
  if (proto.docString) extra.docString = proto.docString;
  if (proto.metadataProps?.length) extra.metadata = proto.metadataProps;
  if (proto.$unknown) extra.unknown = proto.$unknown;
  return extra;
}

/** Inverse of `readRecord`. */
export function writeRecord(proto: WithRecord, extra: RecordExtra | undefined): void {
  if (extra?.docString) proto.docString = extra.docString;
  if (extra?.metadata) proto.metadataProps = extra.metadata;
  if (extra?.unknown) proto.$unknown = extra.unknown;
}

/** `{ extra }` when there is something in it, else `{}`: to be spread into an IR record. */
export function extraOf<T extends object>(extra: T): { extra?: T } {
  for (const _ in extra) return { extra };
  return {};
}
