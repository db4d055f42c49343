import { dtypeOfElement } from "../../ir/element-types.ts";
import type { Attribute, Dim } from "../../ir/graph.ts";
import { byteLength, type DType, sizeOf } from "../../ir/tensor.ts";
import type { EspdlGraph, EspdlNode, EspdlTensor, EspdlValue } from "./espdl-model.ts";
import type { FlatTable } from "./flat-reader.ts";

/** Bytes of one AlignedBytes block, the unit in which raw data is counted. */
const BLOCK_BYTES = 16;
const TENSOR_TYPE = 1;
const DIM_VALUE = 1;
const DIM_PARAM = 2;

/** The graph table as a record. Throws `model.malformed`: what the loader would dereference unasked must be there. */
export function decodeGraph(table: FlatTable): EspdlGraph {
  const list = (slot: number, record: string) => table.children(slot, record) ?? table.lacks(record);
  const nodes = list(0, "Node").map(decodeNode);
  const inputs = list(4, "input").map(decodeValue);
  const outputs = list(5, "output").map(decodeValue);
  const values = byName(list(6, "ValueInfo").map(decodeValue), table);
  return {
    name: table.text(1) ?? "",
    nodes,
    initializers: byName(list(2, "Tensor").map(decodeTensor), table),
    inputs: inputs.map((v) => v.name),
    outputs: outputs.map((v) => v.name),
    values,
    testInputs: byName(list(8, "test input").map(decodeTensor), table),
    testOutputs: byName(list(9, "test output").map(decodeTensor), table),
  };
}

function byName<T extends { readonly name: string }>(
  records: readonly T[],
  table: FlatTable,
): Map<string, T> {
  const map = new Map<string, T>();
  for (const record of records) {
    if (map.has(record.name)) table.bad({ code: "recordTwice", name: record.name });
    map.set(record.name, record);
  }
  return map;
}

function decodeNode(table: FlatTable): EspdlNode {
  const attributes: Record<string, Attribute> = Object.create(null);
  for (const attribute of table.children(5, "Attribute") ?? table.lacks("attribute")) {
    attributes[attribute.text(0) ?? attribute.lacks("name")] = decodeAttribute(attribute);
  }
  return {
    op: table.text(3) ?? table.lacks("op_type"),
    name: table.text(2) ?? table.lacks("name"),
    inputs: table.texts(0) ?? table.lacks("input"),
    outputs: table.texts(1) ?? table.lacks("output"),
    attributes: { ...attributes },
  };
}

/** Like the loader, by the slot that is there: the type number is only for viewers. */
function decodeAttribute(table: FlatTable): Attribute {
  const float = table.floatStruct(4);
  if (float !== undefined) return { kind: "float", value: float };
  const int = table.longStruct(5);
  if (int !== undefined) return { kind: "int", value: int };
  const text = table.blocks(6, 1);
  if (text) return { kind: "string", value: text };
  const tensor = table.child(7, "Tensor");
  if (tensor) return { kind: "tensor", value: decodeTensor(tensor) };
  const floats = table.floats(10);
  if (floats) return { kind: "floats", value: floats };
  const ints = table.longs(11);
  if (ints) return { kind: "ints", value: ints };
  const strings = table.byteStrings(12);
  if (strings) return { kind: "strings", value: strings };
  return table.bad({ code: "attributeEmpty" });
}

function decodeValue(table: FlatTable): EspdlValue {
  const name = table.text(0) ?? table.lacks("name");
  const type = table.child(1, "TypeInfo") ?? table.bad({ code: "valueUntyped", name });
  if (type.int8(0) !== TENSOR_TYPE) type.bad({ code: "valueNoTensor", name });
  const tensor = type.child(1, "TensorTypeAndShape") ?? type.bad({ code: "valueUntyped", name });
  const shape = tensor.child(1, "TensorShape")?.children(0, "Dimension") ?? [];
  return {
    name,
    dtype: dtypeOf(tensor, tensor.int32(0), name),
    shape: shape.map(decodeDim),
    exponents: decodeExponents(table, 3, name),
  };
}

function decodeDim(table: FlatTable): Dim {
  const value = table.child(0, "DimensionValue");
  const type = value?.int8(0);
  if (value && type === DIM_VALUE) return size(value, value.int64(1));
  return value && type === DIM_PARAM ? (value.text(2) ?? null) : null;
}

function decodeTensor(table: FlatTable): EspdlTensor {
  const name = table.text(6) ?? table.lacks("name");
  const dtype = dtypeOf(table, table.int32(1), name);
  const dims = (table.longs(0) ?? table.lacks("dims")).map((d) => size(table, d));
  const count = sizeOf(dims);
  if (dtype === "string" || count > Number.MAX_SAFE_INTEGER)
    table.bad({ code: "dims", name, dims: `${dtype}[${dims}]` });
  const needed = byteLength(dtype, count);
  const raw = table.blocks(8, BLOCK_BYTES) ?? (needed === 0 ? new Uint8Array(0) : undefined);
  if (!raw || raw.length < needed) {
    return table.bad({ code: "tensorBytes", name, have: raw?.length ?? 0, need: needed });
  }
  return {
    name,
    dtype,
    dims,
    bytes: raw.subarray(0, needed),
    exponents: decodeExponents(table, 13, name),
    layout: (table.text(7) ?? "").replace(/^layout ==> /, ""),
  };
}

function size(table: FlatTable, dim: bigint): number {
  if (dim < 0n || dim > 0x7fff_ffffn) table.bad({ code: "dimension", size: String(dim) });
  return Number(dim);
}

function decodeExponents(table: FlatTable, slot: number, name: string): number[] {
  const exponents = table.longs(slot);
  if (!exponents || exponents.length === 0) return table.lacks("exponents");
  return exponents.map((e) =>
    e >= -1024n && e <= 1024n ? Number(e) : table.bad({ code: "exponentOutside", name, exponent: String(e) }),
  );
}

function dtypeOf(table: FlatTable, number: number, name: string): DType {
  const dtype = number <= 13 ? dtypeOfElement(number) : undefined;
  return dtype ?? table.bad({ code: "elementType", name, type: number });
}
