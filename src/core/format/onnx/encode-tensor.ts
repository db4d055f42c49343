import { create, toBinary } from "@bufbuild/protobuf";
import { elementOfDtype } from "../../ir/element-types.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { type TensorExtra, writeRecord } from "./extras.ts";
import { type TensorProto, TensorProtoSchema } from "./onnx_pb.ts";

/** Serialised TensorProto, as ONNX test data has it. */
export function encodeTensor(tensor: Tensor, name = ""): Uint8Array {
  return toBinary(TensorProtoSchema, protoOfTensor(tensor, name));
}

/** Record of a tensor: raw data for everything but strings. */
export function protoOfTensor(tensor: Tensor, name: string): TensorProto {
  const extra: TensorExtra | undefined = tensor.extra;
  const proto = create(TensorProtoSchema);
  proto.dims = tensor.dims.map(BigInt);
  proto.dataType = elementOfDtype(tensor.dtype);
  if (name) proto.name = name;
  if (tensor.dtype === "string") proto.stringData = [...(tensor.strings ?? [])];
  else proto.rawData = tensor.bytes;
  if (extra?.segment) proto.segment = extra.segment;
  writeRecord(proto, extra);
  return proto;
}
