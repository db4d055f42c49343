import type { DType } from "./tensor.ts";

/** ONNX TensorProto.DataType by number, IR version 14; 0 is UNDEFINED. */
const BY_NUMBER: readonly (DType | undefined)[] = [
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
  "float8e8m0",
  "uint2",
  "int2",
  "float6e2m3",
  "float6e3m2",
];

/** Element type of an ONNX number; undefined for UNDEFINED and for numbers of later versions. */
export function dtypeOfElement(number: number): DType | undefined {
  return BY_NUMBER[number];
}

/** The ONNX number of an element type. */
export function elementOfDtype(dtype: DType): number {
  return BY_NUMBER.indexOf(dtype);
}
