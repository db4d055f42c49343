import type { DType, Tensor } from "./tensor.ts";

/** A tensor by name; names are unique in a graph (SSA). "" stands for an absent optional input or output. */
export type ValueName = string;

/** A dimension: known, symbolic (a name such as "T"), or unknown. */
export type Dim = number | string | null;
export type Shape = readonly Dim[];

/** What is known of a value. `type` keeps non-tensor types (sequence, map, optional, sparse) as their source record. */
export interface ValueInfo {
  readonly name: ValueName;
  readonly dtype?: DType;
  /** Absent: rank unknown. */
  readonly shape?: Shape;
  readonly extra?: Extra;
}

/** Fields of the file's record that the graph does not interpret (doc strings, metadata, unknown fields); see format/onnx. */
export type Extra = object;

export type Attribute =
  | { readonly kind: "int"; readonly value: bigint }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "string"; readonly value: Uint8Array }
  | { readonly kind: "tensor"; readonly value: Tensor }
  | { readonly kind: "graph"; readonly value: Graph }
  | { readonly kind: "ints"; readonly value: readonly bigint[] }
  | { readonly kind: "floats"; readonly value: readonly number[] }
  | { readonly kind: "strings"; readonly value: readonly Uint8Array[] }
  | { readonly kind: "tensors"; readonly value: readonly Tensor[] }
  | { readonly kind: "graphs"; readonly value: readonly Graph[] }
  /** A reference to an attribute of the enclosing function. */
  | { readonly kind: "reference"; readonly value: string; readonly type: number }
  /** Kinds kept verbatim: sparse tensors, type protos. */
  | { readonly kind: "opaque"; readonly value: Extra };

export interface Node {
  readonly op: string;
  /** "" is ai.onnx. */
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly ValueName[];
  readonly outputs: readonly ValueName[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly extra?: Extra;
}

/** An immutable graph; nodes stand in topological order. Changes go through a Patch (ir/patch.ts). */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: ReadonlyMap<ValueName, Tensor>;
  readonly nodes: readonly Node[];
  /** value_info of the file, or what shape inference found; inputs and outputs are not repeated here. */
  readonly values: ReadonlyMap<ValueName, ValueInfo>;
  readonly extra?: Extra;
}

/** A model-local function (ONNX FunctionProto), kept for round trips and inlining. */
export interface FunctionDef {
  readonly domain: string;
  readonly name: string;
  readonly body: FunctionBody;
  readonly extra: Extra;
}

/** A function as the graph of its calls would have it. */
export interface FunctionBody {
  readonly overload: string;
  readonly inputs: readonly ValueName[];
  readonly outputs: readonly ValueName[];
  readonly nodes: readonly Node[];
  /** Attribute → what it is where a call does not give it. */
  readonly defaults: ReadonlyMap<string, Attribute>;
  /** Domain → version that the nodes were written for. */
  readonly opsets: ReadonlyMap<string, number>;
}

export interface Model {
  readonly irVersion: number;
  /** Domain → version; "" is ai.onnx. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly producer: { readonly name: string; readonly version: string };
  readonly metadata: ReadonlyMap<string, string>;
  readonly functions: readonly FunctionDef[];
  readonly graph: Graph;
  readonly extra?: Extra;
}

/** Identity of a node that survives rewrites: its first non-empty output, else its name. */
export function nodeKey(node: Node): string {
  return node.outputs.find((o) => o !== "") ?? node.name;
}

export function intAttribute(value: number): Attribute {
  return { kind: "int", value: BigInt(value) };
}

export function intsAttribute(values: readonly number[]): Attribute {
  return { kind: "ints", value: values.map(BigInt) };
}

export function floatAttribute(value: number): Attribute {
  return { kind: "float", value: Math.fround(value) };
}

export function stringAttribute(value: string): Attribute {
  // Attribute strings that Rill writes are ASCII (op modes); the codec handles UTF-8 of files.
  return { kind: "string", value: Uint8Array.from(value, (c) => c.charCodeAt(0)) };
}

/** A node of the default domain. */
export function makeNode(
  op: string,
  inputs: readonly ValueName[],
  outputs: readonly ValueName[],
  attributes: Readonly<Record<string, Attribute>> = {},
  name = "",
): Node {
  return { op, domain: "", name: name || `${op}:${outputs[0] ?? ""}`, inputs, outputs, attributes };
}
