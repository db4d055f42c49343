import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { analyse, GraphSketch, integers, must, parity } from "../../../test/stream-lab.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { decodeModel } from "../format/onnx/decode-model.ts";
import { encodeModel } from "../format/onnx/encode-model.ts";
import { functionBody } from "../format/onnx/function-body.ts";
import {
  AttributeProtoSchema,
  type FunctionProto,
  FunctionProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
} from "../format/onnx/onnx_pb.ts";
import type { Model } from "../ir/graph.ts";
import { floats, type Tensor } from "../ir/tensor.ts";
import { toStreaming } from "../stream/streaming-model.ts";
import { normalize } from "./pipeline.ts";

const DOMAIN = "local";
const runtime = createRuntime();

interface Call {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Attribute of the node → attribute of the function. */
  readonly refs?: Readonly<Record<string, string>>;
}

const FLOAT = 1;

function functionOf(
  name: string,
  inputs: readonly string[],
  outputs: readonly string[],
  calls: readonly Call[],
  { required = [], opset = 17 }: { required?: readonly string[]; opset?: number } = {},
): FunctionProto {
  return create(FunctionProtoSchema, {
    name,
    domain: DOMAIN,
    input: [...inputs],
    output: [...outputs],
    attribute: [...required],
    node: calls.map((c) =>
      create(NodeProtoSchema, {
        opType: c.op,
        domain: c.domain ?? "",
        input: [...c.inputs],
        output: [...c.outputs],
        attribute: Object.entries(c.refs ?? {}).map(([key, refAttrName]) =>
          create(AttributeProtoSchema, { name: key, refAttrName, type: FLOAT }),
        ),
      }),
    ),
    opsetImport: [
      create(OperatorSetIdProtoSchema, { domain: "", version: BigInt(opset) }),
      create(OperatorSetIdProtoSchema, { domain: DOMAIN, version: 1n }),
    ],
  });
}

/** `twice` calls `leaky`, whose slope is an attribute; both use the names of the graph inside. */
const FUNCTIONS = (opset?: number) => [
  functionOf(
    "leaky",
    ["x"],
    ["y"],
    [{ op: "LeakyRelu", inputs: ["x"], outputs: ["y"], refs: { alpha: "slope" } }],
    {
      required: ["slope"],
      ...(opset !== undefined && { opset }),
    },
  ),
  functionOf(
    "twice",
    ["a"],
    ["sum", "same"],
    [
      { op: "leaky", domain: DOMAIN, inputs: ["a"], outputs: ["y"], refs: { slope: "by" } },
      { op: "Add", inputs: ["y", "a"], outputs: ["sum"] },
      { op: "Identity", inputs: ["a"], outputs: ["same"] },
    ],
    { required: ["by"], ...(opset !== undefined && { opset }) },
  ),
];

function modelOf(opset?: number): Model {
  const g = new GraphSketch();
  const x = g.input("x", [1, 2, "T"]);
  const by = { kind: "float", value: 0.25 } as const;
  const [first = ""] = g.node("twice", [g.conv(x, [2, 2, 3], { pads: [2, 0] })], ["first", "same"], { by });
  const [second = ""] = g.node("twice", [first], ["second", "unread"], { by });
  const third = g.op("Sub", [second, "same"]);
  const model = g.model([g.conv(third, [2, 2, 3], { pads: [2, 0] })]);
  const nodes = model.graph.nodes.map((n) => (n.op === "twice" ? { ...n, domain: DOMAIN } : n));
  const functions = FUNCTIONS(opset).map((extra) => ({
    domain: DOMAIN,
    name: extra.name,
    body: functionBody(extra, new Uint8Array(0)),
    extra,
  }));
  return {
    ...model,
    opsets: new Map([...model.opsets, [DOMAIN, 1]]),
    graph: { ...model.graph, nodes },
    functions,
  };
}

async function run(model: Model, feeds: Record<string, Tensor>) {
  const session = await runtime.open(encodeModel(model));
  const results = await session.run(feeds);
  await session.release();
  return results;
}

describe("inline-functions", () => {
  test("calls become what they call, names and attributes in place, and stream", async () => {
    const original = decodeModel(encodeModel(modelOf()));
    const { model } = normalize(original);
    expect(model.functions).toEqual([]);
    expect(model.graph.nodes.map((n) => n.op)).toEqual(expect.not.arrayContaining(["twice", "leaky"]));
    const x = integers(4, [1, 2, 12], 3);
    const name = must(original.graph.outputs[0]).name;
    const [before, after] = [await run(original, { x }), await run(model, { x })];
    expect(floats(must(after[name]))).toEqual(floats(must(before[name])));
    const analysis = analyse(model, { x: 2 });
    expect(analysis.refusals).toEqual([]);
    const { model: streaming } = toStreaming(model, analysis, { chunk: 3 });
    const [d] = await parity(model, analysis, streaming, { x }, { chunk: 3, steps: 4 });
    expect(d?.maxAbs).toBe(0);
  });

  test("a function of another opset stays a call, and is refused by its name", () => {
    const { model } = normalize(decodeModel(encodeModel(modelOf(15))));
    expect(model.functions).toHaveLength(2);
    const [refusal] = analyse(model, { x: 2 }).refusals;
    expect(refusal?.problem).toMatchObject({ code: "stream.refused", op: "twice", reason: "unknownOp" });
  });
});
