import { create, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "../src/core/format/onnx/onnx_pb.ts";

/** A file of y = x + w, with every w, one float, at the start of an external file. */
export function externalModel(locations: readonly string[]): Uint8Array {
  const type = (shape: number) => ({
    value: {
      case: "tensorType" as const,
      value: {
        elemType: 1,
        shape: { dim: [{ value: { case: "dimValue" as const, value: BigInt(shape) } }] },
      },
    },
  });
  const proto = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ version: 17n }],
    graph: {
      name: "g",
      input: [{ name: "x", type: type(1) }],
      output: [{ name: `y${locations.length - 1}`, type: type(1) }],
      initializer: locations.map((location, i) => ({
        name: `w${i}`,
        dims: [1n],
        dataType: 1,
        dataLocation: 1,
        externalData: [{ key: "location", value: location }],
      })),
      node: locations.map((_, i) => ({
        opType: "Add",
        input: [i === 0 ? "x" : `y${i - 1}`, `w${i}`],
        output: [`y${i}`],
      })),
    },
  });
  return toBinary(ModelProtoSchema, proto);
}
