import { fail } from "../../base/problem.ts";
import { attributesOf } from "../../ir/attributes.ts";
import { elementOfDtype } from "../../ir/element-types.ts";
import type { Attribute, Dim, ValueName } from "../../ir/graph.ts";
import { byteLength, sizeOf } from "../../ir/tensor.ts";
import type { EspdlGraph, EspdlNode, EspdlTensor, EspdlValue } from "./espdl-model.ts";
import type { Field, FlatWriter, Offset } from "./flat-writer.ts";

/** Numbers of AttributeType: the loader ignores them, viewers do not. */
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7, strings: 8 };
const LAYOUT_PREFIX = "layout ==> ";

/** Writes a graph table in the order of ESP-PPQ: tables of activations, nodes, parameters and values, test vectors. */
export function encodeGraph(writer: FlatWriter, graph: EspdlGraph, order: readonly ValueName[]): Offset {
  const tensors = new Map<ValueName, Offset>();
  const values = new Map<ValueName, Offset>();
  for (const tensor of tablesOf(graph)) tensors.set(tensor.name, encodeTensor(writer, tensor));
  const nodes = graph.nodes.map((node) => encodeNode(writer, node));
  for (const name of new Set([...order, ...graph.initializers.keys(), ...graph.values.keys()])) {
    const tensor = graph.initializers.get(name);
    const value = graph.values.get(name);
    if (tensor && !tensors.has(name)) tensors.set(name, encodeTensor(writer, tensor));
    if (value) values.set(name, encodeValue(writer, value));
  }
  const testInputs = [...graph.testInputs.values()].map((t) => encodeTensor(writer, t));
  const testOutputs = [...graph.testOutputs.values()].map((t) => encodeTensor(writer, t));
  const portOf = (name: ValueName): Offset =>
    values.get(name) ?? fail({ code: "espdl.invalid", where: name, what: { code: "portWithoutType" } });
  const initializers = [...graph.initializers.keys()].flatMap((name) => tensors.get(name) ?? []);
  const name = writer.text(graph.name);
  const lists = [
    { slot: 2, offset: writer.offsets(initializers) },
    { slot: 6, offset: writer.offsets([...graph.values.keys()].map(portOf)) },
    { slot: 8, offset: writer.offsets(testInputs) },
    { slot: 9, offset: writer.offsets(testOutputs) },
    { slot: 0, offset: writer.offsets(nodes) },
  ];
  const inputs = writer.offsets(graph.inputs.map(portOf));
  const outputs = writer.offsets(graph.outputs.map(portOf));
  return writer.table(10, [
    ...lists,
    { slot: 1, offset: name },
    { slot: 4, offset: inputs },
    { slot: 5, offset: outputs },
  ]);
}

/** Activation tables, which attributes name, in the order of their nodes. */
function tablesOf({ nodes, initializers }: EspdlGraph): Set<EspdlTensor> {
  return new Set(nodes.flatMap((node) => initializers.get(attributesOf(node).string("lut", "")) ?? []));
}

function encodeNode(writer: FlatWriter, node: EspdlNode): Offset {
  const op = writer.text(node.op);
  const inputs = writer.offsets(node.inputs.map((name) => writer.text(name)));
  const outputs = writer.offsets(node.outputs.map((name) => writer.text(name)));
  const name = writer.text(node.name);
  const attributes = writer.offsets(
    Object.entries(node.attributes).map(([key, value]) => encodeAttribute(writer, key, { value, node })),
  );
  return writer.table(7, [
    { slot: 3, offset: op },
    { slot: 0, offset: inputs },
    { slot: 1, offset: outputs },
    { slot: 2, offset: name },
    { slot: 5, offset: attributes },
  ]);
}

function encodeAttribute(
  writer: FlatWriter,
  key: string,
  { value: attribute, node }: { value: Attribute; node: EspdlNode },
): Offset {
  const name = writer.text(key);
  const { field, type } = attributeField(writer, attribute) ?? refuseAttribute(key, node);
  return writer.table(16, [{ slot: 0, offset: name }, field, { slot: 3, int32: type }]);
}

function refuseAttribute(key: string, node: EspdlNode): never {
  return fail({
    code: "espdl.invalid",
    where: node.name,
    what: { code: "attributeKind", name: key },
  });
}

function attributeField(
  writer: FlatWriter,
  attribute: Attribute,
): { field: Field; type: number } | undefined {
  switch (attribute.kind) {
    case "float":
      return { field: { slot: 4, floatStruct: attribute.value }, type: ATTRIBUTE_TYPE.float };
    case "int":
      return { field: { slot: 5, longStruct: attribute.value }, type: ATTRIBUTE_TYPE.int };
    case "string":
      return { field: { slot: 6, offset: writer.bytes(attribute.value) }, type: ATTRIBUTE_TYPE.string };
    case "floats":
      return { field: { slot: 10, offset: writer.floats(attribute.value) }, type: ATTRIBUTE_TYPE.floats };
    case "ints":
      return { field: { slot: 11, offset: writer.longs(attribute.value) }, type: ATTRIBUTE_TYPE.ints };
    case "strings": {
      const texts = writer.offsets(attribute.value.map((bytes) => writer.bytes(bytes)));
      return { field: { slot: 12, offset: texts }, type: ATTRIBUTE_TYPE.strings };
    }
    case "tensor": {
      const unnamed = { name: "", exponents: [0], layout: "" };
      const tensor = encodeTensor(writer, { ...unnamed, ...attribute.value });
      return { field: { slot: 7, offset: tensor }, type: ATTRIBUTE_TYPE.tensor };
    }
    default:
      return undefined;
  }
}

function encodeTensor(writer: FlatWriter, tensor: EspdlTensor): Offset {
  const { name, dtype, dims, bytes, exponents, layout } = tensor;
  if (bytes.length !== byteLength(dtype, sizeOf(dims))) {
    fail({
      code: "espdl.invalid",
      where: name,
      what: { code: "bytesFor", bytes: bytes.length, dtype, dims: dims.join(", ") },
    });
  }
  const text = writer.text(name);
  const size = writer.longs(dims);
  const powers = writer.longs(exponents);
  const doc = layout === "" ? [] : [{ slot: 7, offset: writer.text(LAYOUT_PREFIX + layout) }];
  const raw = writer.blocks(bytes);
  return writer.table(14, [
    { slot: 1, int32: elementOfDtype(dtype) },
    { slot: 6, offset: text },
    ...doc,
    { slot: 8, offset: raw },
    { slot: 0, offset: size },
    { slot: 13, offset: powers },
  ]);
}

function encodeValue(writer: FlatWriter, { name, dtype, shape, exponents }: EspdlValue): Offset {
  const text = writer.text(name);
  const sizes = shape.map((dim) => encodeDimValue(writer, dim));
  const dims = sizes.map((offset) => writer.table(2, [{ slot: 0, offset }]));
  const list = writer.offsets(dims);
  const shapeTable = writer.table(1, [{ slot: 0, offset: list }]);
  const tensor = writer.table(2, [
    { slot: 1, offset: shapeTable },
    { slot: 0, int32: elementOfDtype(dtype) },
  ]);
  const type = writer.table(3, [
    { slot: 0, int8: 1 },
    { slot: 1, offset: tensor },
  ]);
  const powers = writer.longs(exponents);
  return writer.table(4, [
    { slot: 0, offset: text },
    { slot: 1, offset: type },
    { slot: 3, offset: powers },
  ]);
}

function encodeDimValue(writer: FlatWriter, dim: Dim): Offset {
  if (dim === null) return writer.table(3, []);
  if (typeof dim === "string") {
    const param = writer.text(dim);
    return writer.table(3, [
      { slot: 0, int8: 2 },
      { slot: 2, offset: param },
    ]);
  }
  return writer.table(3, [
    { slot: 0, int8: 1 },
    { slot: 1, int64: BigInt(dim) },
  ]);
}
