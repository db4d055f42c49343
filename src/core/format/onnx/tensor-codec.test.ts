import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StudioError } from "../../base/problem.ts";
import { elementOfDtype } from "../../ir/element-types.ts";
import { byteLength, type DType, sizeOf, type Tensor } from "../../ir/tensor.ts";
import { decodeTensor, nameOfTensor } from "./decode-tensor.ts";
import { encodeTensor } from "./encode-tensor.ts";
import { type TensorProto, TensorProtoSchema } from "./onnx_pb.ts";

type Typed = Partial<
  Pick<TensorProto, "floatData" | "int32Data" | "int64Data" | "doubleData" | "uint64Data" | "stringData">
>;

const bytesOfTyped = (dtype: DType, dims: number[], data: Typed) =>
  toBinary(
    TensorProtoSchema,
    create(TensorProtoSchema, { dims: dims.map(BigInt), dataType: elementOfDtype(dtype), ...data }),
  );

// Bytes as onnx.numpy_helper (onnx 1.23) reads the same records: to_array(t), then from_array(a).raw_data.
const TYPED: readonly [DType, number[], Typed, number[]][] = [
  ["float32", [2], { floatData: [1, -2] }, [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]],
  ["complex64", [1], { floatData: [1, -2] }, [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]],
  ["float64", [1], { doubleData: [1] }, [0, 0, 0, 0, 0, 0, 0xf0, 0x3f]],
  ["int8", [2], { int32Data: [-1, 127] }, [0xff, 0x7f]],
  ["uint8", [2], { int32Data: [255, 1] }, [255, 1]],
  ["bool", [2], { int32Data: [1, 0] }, [1, 0]],
  ["int16", [1], { int32Data: [-2] }, [0xfe, 0xff]],
  ["uint16", [1], { int32Data: [65534] }, [0xfe, 0xff]],
  ["float16", [1], { int32Data: [0x3c00] }, [0, 0x3c]],
  ["bfloat16", [1], { int32Data: [0x3f80] }, [0x80, 0x3f]],
  ["int32", [1], { int32Data: [-2] }, [0xfe, 0xff, 0xff, 0xff]],
  ["int64", [1], { int64Data: [-2n] }, [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
  ["uint32", [1], { uint64Data: [0xfffffffen] }, [0xfe, 0xff, 0xff, 0xff]],
  ["uint64", [1], { uint64Data: [2n ** 64n - 2n] }, [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
  ["float8e5m2", [2], { int32Data: [0x3c, 0xbc] }, [0x3c, 0xbc]],
  ["int4", [3], { int32Data: [0x21, 0x0f] }, [0x21, 0x0f]],
  ["uint2", [5], { int32Data: [0xe4, 0x01] }, [0xe4, 0x01]],
  ["float6e2m3", [5], { int32Data: [1, 2, 3, 4, 0x3f] }, [0x81, 0x30, 0x10, 0x3f]],
];

describe("typed storage becomes little-endian bytes", () => {
  test.each(TYPED)("%s", (dtype, dims, data, expected) => {
    const tensor = decodeTensor(bytesOfTyped(dtype, dims, data));
    expect(tensor).toEqual({ dtype, dims, bytes: Uint8Array.from(expected) });
    expect(decodeTensor(encodeTensor(tensor))).toEqual(tensor);
  });

  test("strings keep their bytes, UTF-8 or not", () => {
    const stringData = [Uint8Array.of(0xff, 0xfe), new Uint8Array(0)];
    expect(decodeTensor(bytesOfTyped("string", [2], { stringData })).strings).toEqual(stringData);
  });
});

const DTYPES: DType[] = [
  "float32",
  "int64",
  "int8",
  "bool",
  "float16",
  "int4",
  "uint2",
  "float6e3m2",
  "complex128",
];
const tensors = fc
  .record({ dtype: fc.constantFrom(...DTYPES), dims: fc.array(fc.nat(4), { maxLength: 3 }) })
  .chain(({ dtype, dims }) => {
    const length = byteLength(dtype, sizeOf(dims));
    const bytes = fc.uint8Array({ minLength: length, maxLength: length });
    return bytes.map((b): Tensor => ({ dtype, dims, bytes: b }));
  });

test("any tensor comes back, from a Node Buffer too", () => {
  fc.assert(
    fc.property(tensors, fc.string(), (tensor, name) => {
      const bytes = encodeTensor(tensor, name);
      expect(decodeTensor(bytes)).toEqual(tensor);
      expect(decodeTensor(Buffer.from(bytes))).toEqual(tensor);
      expect(nameOfTensor(bytes)).toBe(name);
    }),
  );
});

describe("type, dims and data must agree", () => {
  test.each([
    ["too few elements", bytesOfTyped("int64", [3], { int64Data: [1n] })],
    ["no data", bytesOfTyped("float32", [3], {})],
    ["a negative dimension", bytesOfTyped("float32", [-1], {})],
    ["more than there can be", bytesOfTyped("float32", [2 ** 40, 2 ** 40], {})],
    ["too few strings", bytesOfTyped("string", [1], {})],
    ["no element type", toBinary(TensorProtoSchema, create(TensorProtoSchema))],
    [
      "an element type of the future",
      toBinary(TensorProtoSchema, create(TensorProtoSchema, { dataType: 99 })),
    ],
  ])("%s", (_, bytes) => {
    expect(() => decodeTensor(bytes)).toThrow(StudioError);
  });

  test("the offset is where the data stands", () => {
    const bytes = encodeTensor({ dtype: "float32", dims: [2], bytes: new Uint8Array(7).fill(9) });
    let offset: number | undefined;
    try {
      decodeTensor(bytes);
    } catch (error) {
      if (error instanceof StudioError && error.problem.code === "model.malformed")
        offset = error.problem.offset;
    }
    expect(offset).toBe(bytes.indexOf(9));
  });
});
