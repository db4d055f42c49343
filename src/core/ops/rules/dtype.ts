import type { DType } from "../../ir/tensor.ts";

/** onnx.proto TensorProto.DataType. */
const DTYPES: readonly (DType | undefined)[] = [
  undefined,
  "float32",
  "uint8",
  "int8",
  "uint16",
  "int16",
  "int32",
  "int64",
  "string",
  "bool",
  "float16",
  "float64",
  "uint32",
  "uint64",
  "complex64",
  "complex128",
  "bfloat16",
  "float8e4m3fn",
  "float8e4m3fnuz",
  "float8e5m2",
  "float8e5m2fnuz",
  "uint4",
  "int4",
  "float4e2m1",
];

/** The dtype that an attribute names by number; undefined for numbers that ONNX does not define. */
export function dtypeOfCode(code: number): DType | undefined {
  return DTYPES[code];
}
