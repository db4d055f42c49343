import { create } from "@bufbuild/protobuf";
import { dtypeOfElement, elementOfDtype } from "../../ir/element-types.ts";
import type { Dim, Shape, ValueInfo } from "../../ir/graph.ts";
import type { DType } from "../../ir/tensor.ts";
import { extraOf, readRecord, type ValueExtra, writeRecord } from "./extras.ts";
import {
  type TensorShapeProto,
  type TensorShapeProto_Dimension,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  type TypeProto,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./onnx_pb.ts";

type TensorType = Pick<ValueInfo, "dtype" | "shape">;

/** Value of a record. A type that dtype and shape do not say in full (sequence, denotation, negative dim …) goes along. */
export function valueOfProto(proto: ValueInfoProto): ValueInfo {
  const extra: ValueExtra = readRecord(proto);
  const { type } = proto;
  if (!type) return { name: proto.name, ...extraOf(extra) };
  if (!saysAll(type)) extra.type = type;
  return { name: proto.name, ...tensorTypeOf(type), ...extraOf(extra) };
}

/** Inverse of `valueOfProto`; the type follows dtype and shape wherever these were changed. */
export function protoOfValue(info: ValueInfo): ValueInfoProto {
  const extra: ValueExtra | undefined = info.extra;
  const proto = create(ValueInfoProtoSchema);
  proto.name = info.name;
  if (extra?.type && sameType(tensorTypeOf(extra.type), info)) proto.type = extra.type;
  else if (info.dtype !== undefined || info.shape !== undefined) proto.type = protoOfType(info);
  writeRecord(proto, extra);
  return proto;
}

function tensorTypeOf(type: TypeProto): TensorType {
  const out: { dtype?: DType; shape?: Shape } = {};
  if (type.value.case !== "tensorType") return out;
  const tensor = type.value.value;
  const dtype = dtypeOfElement(tensor.elemType);
  if (dtype) out.dtype = dtype;
  if (tensor.shape) out.shape = tensor.shape.dim.map(dimOf);
  return out;
}

function dimOf({ value }: TensorShapeProto_Dimension): Dim {
  if (value.case === "dimParam") return value.value || null;
  return value.case === "dimValue" && value.value >= 0n ? Number(value.value) : null;
}

/** Whether dtype and shape are the whole record. */
function saysAll(type: TypeProto): boolean {
  if (type.value.case !== "tensorType" || type.denotation || type.$unknown) return false;
  const tensor = type.value.value;
  if (!dtypeOfElement(tensor.elemType) || tensor.$unknown) return false;
  return !tensor.shape || shapeSaysAll(tensor.shape);
}

function shapeSaysAll(shape: TensorShapeProto): boolean {
  if (shape.$unknown) return false;
  for (const dim of shape.dim) {
    if (dim.denotation || dim.$unknown) return false;
    const { value } = dim;
    if (value.case === "dimParam" && value.value === "") return false;
    if (value.case === "dimValue" && (value.value < 0n || value.value > Number.MAX_SAFE_INTEGER))
      return false;
  }
  return true;
}

/** Whether two values have the same dtype and shape. */
export function sameType(a: TensorType, b: TensorType): boolean {
  if (a.dtype !== b.dtype || a.shape?.length !== b.shape?.length) return false;
  return (a.shape ?? []).every((dim, i) => dim === b.shape?.[i]);
}

function protoOfType({ dtype, shape }: TensorType): TypeProto {
  const tensor = create(TypeProto_TensorSchema);
  if (dtype !== undefined) tensor.elemType = elementOfDtype(dtype);
  if (shape !== undefined) {
    const proto = create(TensorShapeProtoSchema);
    proto.dim = shape.map(protoOfDim);
    tensor.shape = proto;
  }
  const type = create(TypeProtoSchema);
  type.value = { case: "tensorType", value: tensor };
  return type;
}

function protoOfDim(dim: Dim): TensorShapeProto_Dimension {
  const proto = create(TensorShapeProto_DimensionSchema);
  if (typeof dim === "string") proto.value = { case: "dimParam", value: dim };
  else if (dim !== null) proto.value = { case: "dimValue", value: BigInt(dim) };
  return proto;
}
