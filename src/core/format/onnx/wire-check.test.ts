import { fromBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ModelProtoSchema, TensorProtoSchema } from "./onnx_pb.ts";
import { checkWire } from "./wire-check.ts";

const check = (...bytes: number[]) => checkWire(ModelProtoSchema, Uint8Array.from(bytes));

describe("the first fault is found where it stands", () => {
  test.each([
    ["a number cut off", [0x08, 0x80], 1],
    ["a number longer than ten bytes", [0x08, ...Array<number>(10).fill(0xff), 1], 1],
    ["a tag cut off", [0x08, 0x01, 0x92], 2],
    ["field number 0", [0x08, 0x01, 0x00], 2],
    ["wire type 7", [0x0f], 0],
    ["a length past the end", [0x08, 0x01, 0x3a, 0x05, 0x12], 3],
    ["a length past the enclosing message", [0x3a, 0x03, 0x12, 0x05, 0x61, 0x08, 0x01], 3],
    ["a known field of another wire type", [0x08, 0x01, 0x38, 0x01], 2],
    ["a group without end", [0xf3, 0x01, 0x08, 0x01], 0],
    ["an end without group", [0xf4, 0x01], 0],
    ["the end of another group", [0xf3, 0x01, 0xfc, 0x01], 2],
    ["a fixed number cut off", [0xf5, 0x01, 0, 0, 0], 2],
  ] as [string, number[], number][])("%s", (_, bytes, offset) => {
    expect(check(...bytes)?.offset).toBe(offset);
  });

  test("packed lists hold whole numbers", () => {
    const tensor = (...bytes: number[]) => checkWire(TensorProtoSchema, Uint8Array.from(bytes))?.offset;
    expect(tensor(0x22, 4, 0, 0, 0x80, 0x3f)).toBeUndefined();
    expect(tensor(0x22, 3, 0, 0, 0)).toBe(1);
    expect(tensor(0x0a, 2, 0x03, 0x84)).toBe(3);
    // The same list, one tag an element.
    expect(tensor(0x08, 0x03, 0x08, 0x84, 0x01)).toBeUndefined();
  });

  test("groups and unknown fields are no faults", () => {
    expect(check(0xf3, 0x01, 0x08, 0x01, 0xf4, 0x01, 0xa2, 0x06, 0x01, 0xff)).toBeUndefined();
  });

  test("nesting has a bound", () => {
    // ModelProto.graph, then GraphProto.node, NodeProto.attribute, AttributeProto.g again and again.
    const tags = [0x0a, 0x2a, 0x32];
    let inner: number[] = [];
    for (let i = 200; i >= 0; i--) {
      const length = inner.length;
      inner = [tags[i % 3] ?? 0, (length & 0x7f) | 0x80, length >> 7, ...inner];
    }
    const length = inner.length;
    expect(check(0x3a, (length & 0x7f) | 0x80, length >> 7, ...inner)?.what).toMatchObject({
      code: "nestedTooDeep",
    });
  });
});

test("what passes, the protobuf library reads without an error", () => {
  const tag = fc.constantFrom(0x08, 0x12, 0x3a, 0x42, 0x0a, 0x2a, 0x62, 0x4a, 0xf3, 0x01, 0xf4, 0xca);
  const bytes = fc.array(fc.oneof(tag, fc.nat(6), fc.nat(255)), { maxLength: 30 });
  fc.assert(
    fc.property(bytes, (list) => {
      const data = Uint8Array.from(list);
      const fault = checkWire(ModelProtoSchema, data);
      if (fault) expect(fault.offset).toBeLessThanOrEqual(data.length);
      else expect(() => fromBinary(ModelProtoSchema, data)).not.toThrow();
    }),
    { numRuns: 20_000 },
  );
});
