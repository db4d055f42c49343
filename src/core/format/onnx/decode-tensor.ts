import { fromBinary } from "@bufbuild/protobuf";
import type { FileDetail } from "../../base/detail.ts";
import { fail } from "../../base/problem.ts";
import { dtypeOfElement } from "../../ir/element-types.ts";
import { byteLength, type DType, sizeOf, type Tensor } from "../../ir/tensor.ts";
import { isExternal } from "./external-data.ts";
import { extraOf, readRecord, type TensorExtra } from "./extras.ts";
import { type TensorProto, TensorProtoSchema } from "./onnx_pb.ts";
import { plainView } from "./plain-view.ts";
import { checkWire } from "./wire-check.ts";

/**
 * Decodes one serialised TensorProto (the `.pb` files of ONNX test data), which must have its data inside.
 * Throws `model.malformed`. The tensor's name, if any, is `nameOfTensor(bytes)`.
 */
export function decodeTensor(bytes: Uint8Array): Tensor {
  const plain = plainView(bytes);
  return tensorOfProto(parseTensor(plain), plain);
}

/** Name in a serialised TensorProto; "" if it has none. */
export function nameOfTensor(bytes: Uint8Array): string {
  return parseTensor(bytes).name;
}

function parseTensor(bytes: Uint8Array): TensorProto {
  const fault = checkWire(TensorProtoSchema, bytes);
  if (fault) fail({ code: "model.malformed", ...fault });
  return fromBinary(TensorProtoSchema, bytes);
}

/**
 * Tensor of a record. Raw data stays a view, typed storage becomes little-endian bytes; external data must be in place
 * already, what is missing is left empty. Throws `model.malformed` when type, dims and data disagree; `file` serves to
 * find the offset.
 */
export function tensorOfProto(proto: TensorProto, file: Uint8Array): Tensor {
  const dtype =
    dtypeOfElement(proto.dataType) ??
    refuse(proto, file, { code: "elementType", name: proto.name, type: proto.dataType });
  const dims = proto.dims.map(Number);
  const count = sizeOf(dims);
  if (dims.some((d) => d < 0) || !Number.isSafeInteger(count))
    refuse(proto, file, { code: "dims", name: proto.name, dims: dims.join("×") });
  const extra: TensorExtra = readRecord(proto);
  if (proto.segment) extra.segment = proto.segment;

  if (dtype === "string") {
    const strings = proto.stringData;
    if (strings.length !== count)
      refuse(proto, file, { code: "tensorStrings", name: proto.name, have: strings.length, need: count });
    return { dtype, dims, bytes: new Uint8Array(0), strings, ...extraOf(extra) };
  }
  const bytes = proto.rawData.length > 0 ? proto.rawData : typedBytes(dtype, proto);
  const need = byteLength(dtype, count);
  if (bytes.length !== need && !isExternal(proto)) {
    refuse(proto, file, { code: "tensorBytes", name: proto.name, have: bytes.length, need });
  }
  return { dtype, dims, bytes, ...extraOf(extra) };
}

function refuse(proto: TensorProto, file: Uint8Array, what: FileDetail): never {
  const offset = offsetIn(file, proto.rawData);
  return fail({ code: "model.malformed", offset, what });
}

/** Byte offset of a view in the file; 0 when it is none (nothing read, or bytes of another file). */
function offsetIn(file: Uint8Array, view: Uint8Array): number {
  return view.length > 0 && view.buffer === file.buffer ? view.byteOffset - file.byteOffset : 0;
}

/** Elements in typed storage as little-endian bytes; which field holds which type: TensorProto in onnx.proto. */
function typedBytes(dtype: DType, proto: TensorProto): Uint8Array {
  switch (dtype) {
    case "float32":
    case "complex64":
      return bytesOf(Float32Array.from(proto.floatData));
    case "float64":
    case "complex128":
      return bytesOf(Float64Array.from(proto.doubleData));
    case "int64":
      return bytesOf(BigInt64Array.from(proto.int64Data));
    case "uint64":
      return bytesOf(BigUint64Array.from(proto.uint64Data));
    case "uint32":
      return bytesOf(Uint32Array.from(proto.uint64Data, Number));
    case "int32":
      return bytesOf(Int32Array.from(proto.int32Data));
    case "int16":
    case "uint16":
    case "float16":
    case "bfloat16":
      return bytesOf(Uint16Array.from(proto.int32Data));
    case "float6e2m3":
    case "float6e3m2":
      return pack6(proto.int32Data);
    default:
      // One byte an entry: 8-bit types, and 4- and 2-bit types already packed.
      return Uint8Array.from(proto.int32Data);
  }
}

function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** 6-bit codes, one an entry, packed four to three bytes, low bits first. */
function pack6(codes: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((codes.length * 6) / 8));
  codes.forEach((code, i) => {
    const bit = i * 6;
    const wide = (code & 0x3f) << (bit & 7);
    const at = bit >> 3;
    bytes[at] = (bytes[at] ?? 0) | (wide & 0xff);
    if (wide > 0xff) bytes[at + 1] = (bytes[at + 1] ?? 0) | (wide >> 8);
  });
  return bytes;
}
