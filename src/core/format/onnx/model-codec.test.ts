import { create, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeUtf8 } from "../../base/utf8.ts";
import type { Attribute, Graph, Node } from "../../ir/graph.ts";
import { floatTensor, longTensor, numbers } from "../../ir/tensor.ts";
import { decodeModel } from "./decode-model.ts";
import { encodeModel } from "./encode-model.ts";
import { type AttributeProtoSchema, type ModelProto, ModelProtoSchema, TypeProtoSchema } from "./onnx_pb.ts";
import { bytesOf, entry, type ModelInit, problemOf } from "./test-protos.ts";

const unknown = [{ no: 1000, wireType: 2, data: Uint8Array.of(2, 7, 8) }];
const rawFloat = { dims: [1n], dataType: 1, rawData: Uint8Array.of(0, 0, 0x80, 0x3f) };
const int64s = (...values: number[]) => ({
  dims: [BigInt(values.length)],
  dataType: 7,
  int64Data: values.map(BigInt),
});

/** A model that uses every record of the format, unknown fields included. */
const everything: ModelInit = {
  irVersion: 14n,
  opsetImport: [
    { domain: "", version: 28n },
    { domain: "my", version: 1n },
  ],
  producerName: "maker",
  producerVersion: "1",
  domain: "org",
  modelVersion: -3n,
  docString: "模型",
  metadataProps: [entry("b", "1"), entry("a", "2")],
  trainingInfo: [
    { algorithm: { name: "step", node: [{ opType: "Add" }] }, updateBinding: [entry("w", "w2")] },
  ],
  configuration: [{ name: "two", numDevices: 2, device: ["d0", "d1"] }],
  functions: [
    {
      name: "F",
      domain: "my",
      overload: "x",
      input: ["a"],
      output: ["b"],
      attribute: ["alpha"],
      attributeProto: [{ name: "beta", type: 1, f: 0.5 }],
      node: [
        {
          opType: "LeakyRelu",
          input: ["a"],
          output: ["b"],
          attribute: [{ name: "alpha", refAttrName: "alpha", type: 1 }],
        },
      ],
      opsetImport: [{ version: 28n }],
      valueInfo: [{ name: "b" }],
    },
  ],
  $unknown: unknown,
  graph: {
    name: "g",
    docString: "doc",
    metadataProps: [entry("k", "v")],
    quantizationAnnotation: [{ tensorName: "w", quantParameterTensorNames: [entry("SCALE_TENSOR", "s")] }],
    $unknown: unknown,
    input: [
      {
        name: "x",
        docString: "in",
        type: {
          denotation: "TENSOR",
          value: {
            case: "tensorType",
            value: {
              elemType: 1,
              shape: {
                dim: [
                  { value: { case: "dimValue", value: -1n }, denotation: "DATA_BATCH" },
                  { value: { case: "dimParam", value: "T" } },
                  { value: { case: "dimValue", value: 4n } },
                  {},
                ],
              },
            },
          },
        },
      },
      { name: "w", type: { value: { case: "tensorType", value: { elemType: 1, shape: { dim: [] } } } } },
      {
        name: "seq",
        type: {
          value: {
            case: "sequenceType",
            value: { elemType: { value: { case: "tensorType", value: { elemType: 1 } } } },
          },
        },
      },
      {
        name: "map",
        type: {
          value: {
            case: "mapType",
            value: { keyType: 7, valueType: { value: { case: "tensorType", value: { elemType: 8 } } } },
          },
        },
      },
      {
        name: "opt",
        type: {
          value: {
            case: "optionalType",
            value: { elemType: { value: { case: "tensorType", value: { elemType: 9 } } } },
          },
        },
      },
      {
        name: "spa",
        type: { value: { case: "sparseTensorType", value: { elemType: 1, shape: { dim: [{}] } } } },
      },
      { name: "opq", type: { value: { case: "opaqueType", value: { domain: "d", name: "n" } } } },
    ],
    output: [{ name: "y" }, { name: "z", type: { value: { case: "tensorType", value: { elemType: 99 } } } }],
    valueInfo: [
      {
        name: "h",
        type: { value: { case: "tensorType", value: { elemType: 10 } } },
        metadataProps: [entry("k", "v")],
      },
    ],
    initializer: [
      { name: "w", ...rawFloat, docString: "weight", segment: { begin: 0n, end: 1n }, $unknown: unknown },
    ],
    sparseInitializer: [
      { values: { ...rawFloat, name: "s" }, indices: int64s(2), dims: [4n] },
      {
        values: { ...rawFloat, name: "s2" },
        indices: { dims: [1n, 2n], dataType: 7, int64Data: [1n, 0n] },
        dims: [2n, 2n],
      },
    ],
    node: [
      {
        opType: "Any",
        domain: "my",
        name: "n",
        overload: "x",
        input: ["x", "", "w"],
        output: ["h", ""],
        docString: "node",
        metadataProps: [entry("k", "v")],
        deviceConfigurations: [
          { configurationId: "two", shardingSpec: [{ tensorName: "w", device: [0n] }], pipelineStage: 1 },
        ],
        $unknown: unknown,
        attribute: [
          { name: "f", type: 1, f: 0.25, docString: "about f" },
          { name: "i", type: 2, i: -(2n ** 63n) },
          { name: "s", type: 3, s: Uint8Array.of(0xff) },
          { name: "t", type: 4, t: { name: "inner", ...rawFloat } },
          {
            name: "g",
            type: 5,
            g: {
              name: "body",
              node: [{ opType: "Identity", input: ["x"], output: ["o"] }],
              output: [{ name: "o" }],
            },
          },
          { name: "fs", type: 6, floats: [1, 2] },
          { name: "is", type: 7, ints: [3n, 2n ** 62n] },
          { name: "none", type: 7 },
          { name: "ss", type: 8, strings: [encodeUtf8("é")] },
          { name: "ts", type: 9, tensors: [rawFloat, rawFloat] },
          { name: "gs", type: 10, graphs: [{ name: "a" }, { name: "b" }] },
          { name: "st", type: 11, sparseTensor: { values: rawFloat, indices: int64s(0), dims: [1n] } },
          { name: "sts", type: 12, sparseTensors: [{ dims: [1n] }] },
          { name: "tp", type: 13, tp: { denotation: "x" } },
          { name: "tps", type: 14, typeProtos: [{}] },
          { name: "ref", type: 2, refAttrName: "outer" },
          { name: "__proto__", type: 2, i: 1n },
          { name: "future", type: 77, $unknown: unknown },
        ],
      },
    ],
  },
};

const protoOf = (init: ModelInit): ModelProto => create(ModelProtoSchema, init);

describe("every record of the format", () => {
  const bytes = bytesOf(everything);
  const model = decodeModel(bytes);
  const node = model.graph.nodes[0] as Node;

  test("comes back as it was", () => {
    const encoded = encodeModel(model);
    expect(decodeModel(encoded)).toEqual(model);
    // The only typed storage here is in sparse records, which stay as they are; elsewhere it would become raw data.
    expect(fromBinary(ModelProtoSchema, encoded)).toEqual(protoOf(everything));
  });

  test("reads into the graph's words", () => {
    expect(model.graph.inputs[0]).toMatchObject({ name: "x", dtype: "float32", shape: [null, "T", 4, null] });
    expect(model.graph.inputs[1]).toEqual({ name: "w", dtype: "float32", shape: [] });
    expect(model.graph.inputs[2]).not.toHaveProperty("dtype");
    expect([...model.opsets]).toEqual([
      ["", 28],
      ["my", 1],
    ]);
    expect([...model.metadata.keys()]).toEqual(["b", "a"]);
    expect(numbers(model.graph.initializers.get("s") ?? longTensor([]))).toEqual([0, 0, 1, 0]);
    expect(numbers(model.graph.initializers.get("s2") ?? longTensor([]))).toEqual([0, 0, 1, 0]);
    const kinds = Object.values(node.attributes).map((a) => a.kind);
    expect(new Set(kinds).size).toBe(12);
    expect(Object.getPrototypeOf(node.attributes)).toBe(Object.prototype);
  });

  test("follows the graph where that was changed", () => {
    const [x, ...inputs] = model.graph.inputs;
    const w = floatTensor([5], [1]);
    const graph: Graph = {
      ...model.graph,
      inputs: [{ ...x, name: "x", shape: [1, 2, 4, 8] }, ...inputs],
      initializers: new Map(
        [...model.graph.initializers].map(([name, t]) => [name, { ...t, bytes: w.bytes, dims: [1] }]),
      ),
    };
    const again = decodeModel(encodeModel({ ...model, graph })).graph;
    expect(again.inputs[0]?.shape).toEqual([1, 2, 4, 8]);
    expect(numbers(again.initializers.get("s") ?? w)).toEqual([5]);
  });

  test("cut off anywhere, is a problem with its place or a model", () => {
    for (let length = 1; length < bytes.length; length++) {
      const problem = problemOf(bytes.subarray(0, length));
      if (problem?.code === "model.malformed") expect(problem.offset).toBeLessThanOrEqual(length);
    }
  });

  test("with any bytes changed, is a problem or a model", () => {
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const broken = bytes.slice();
        for (const [at, byte] of changes) broken[at] = byte;
        problemOf(broken);
      }),
      { numRuns: 5000 },
    );
  });
});

describe("attributes without a type, as IR version 1 wrote them", () => {
  test.each([
    [{ f: 0 }, "float"],
    [{ i: 0n }, "int"],
    [{ s: new Uint8Array(0) }, "string"],
    [{ t: rawFloat }, "tensor"],
    [{ g: {} }, "graph"],
    [{ floats: [1] }, "floats"],
    [{ ints: [1n] }, "ints"],
    [{ strings: [Uint8Array.of(65)] }, "strings"],
    [{ tp: {} }, "opaque"],
  ] as [MessageInitShape<typeof AttributeProtoSchema>, Attribute["kind"]][])("%#: %s", (value, kind) => {
    const node = { opType: "X", attribute: [{ name: "a", ...value }] };
    expect(decodeModel(bytesOf({ graph: { node: [node] } })).graph.nodes[0]?.attributes.a?.kind).toBe(kind);
  });
});

describe("what is no model", () => {
  test("a record without a graph", () => {
    expect(problemOf(bytesOf({ irVersion: 8n }))).toEqual({
      code: "model.malformed",
      offset: 2,
      what: { code: "noGraph" },
    });
  });

  test("text", () => {
    expect(problemOf(encodeUtf8("hello world"))).toMatchObject({ code: "file.foreign", kind: "text" });
  });

  test("two initializers of one name", () => {
    const initializer = [
      { name: "w", ...rawFloat },
      { name: "w", ...rawFloat },
    ];
    expect(problemOf(bytesOf({ graph: { initializer } }))?.code).toBe("model.invalidGraph");
  });
});

test("a type that the graph has no word for is not written over a new one", () => {
  const type = create(TypeProtoSchema, {
    denotation: "AUDIO",
    value: { case: "tensorType", value: { elemType: 1 } },
  });
  const model = decodeModel(bytesOf({ graph: { input: [{ name: "x", type }] } }));
  const [x] = model.graph.inputs;
  const graph: Graph = { ...model.graph, inputs: [{ ...x, name: "x", dtype: "float16" }] };
  expect(decodeModel(encodeModel({ ...model, graph })).graph.inputs).toEqual([
    { name: "x", dtype: "float16" },
  ]);
});
