import { decodeUtf8 } from "../base/utf8.ts";
import type { Graph, Node } from "./graph.ts";
import type { Tensor } from "./tensor.ts";

/** Typed, defaulted reading of a node's attributes. A wrong kind counts as absent: the default answers. */
export interface AttributeReader {
  int(name: string, fallback: number): number;
  optionalInt(name: string): number | undefined;
  ints(name: string, fallback: readonly number[]): readonly number[];
  optionalInts(name: string): readonly number[] | undefined;
  float(name: string, fallback: number): number;
  optionalFloat(name: string): number | undefined;
  floats(name: string): readonly number[] | undefined;
  string(name: string, fallback: string): string;
  strings(name: string): readonly string[] | undefined;
  tensor(name: string): Tensor | undefined;
  graph(name: string): Graph | undefined;
  has(name: string): boolean;
}

/** The attributes of a node behind a reader. Integers outside ±2^53 are clamped, which ONNX uses for "to the end". */
export function attributesOf(node: Pick<Node, "attributes">): AttributeReader {
  const a = node.attributes;
  const num = (v: bigint): number => Number(v);
  const reader: AttributeReader = {
    optionalInt: (n) => (a[n]?.kind === "int" ? num(a[n].value) : undefined),
    int: (n, d) => reader.optionalInt(n) ?? d,
    optionalInts: (n) => (a[n]?.kind === "ints" ? a[n].value.map(num) : undefined),
    ints: (n, d) => reader.optionalInts(n) ?? d,
    optionalFloat: (n) => (a[n]?.kind === "float" ? a[n].value : undefined),
    float: (n, d) => reader.optionalFloat(n) ?? d,
    floats: (n) => (a[n]?.kind === "floats" ? a[n].value : undefined),
    string: (n, d) => (a[n]?.kind === "string" ? decodeUtf8(a[n].value) : d),
    strings: (n) => (a[n]?.kind === "strings" ? a[n].value.map(decodeUtf8) : undefined),
    tensor: (n) => (a[n]?.kind === "tensor" ? a[n].value : undefined),
    graph: (n) => (a[n]?.kind === "graph" ? a[n].value : undefined),
    has: (n) => n in a,
  };
  return reader;
}
