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
  return new NodeAttributes(node.attributes);
}

/** A class, since a reader is made for every node of every graph: closures for each method cost more than reading. */
class NodeAttributes implements AttributeReader {
  readonly #all: Node["attributes"];

  constructor(attributes: Node["attributes"]) {
    this.#all = attributes;
  }

  optionalInt(name: string) {
    const a = this.#all[name];
    return a?.kind === "int" ? Number(a.value) : undefined;
  }
  int(name: string, fallback: number) {
    return this.optionalInt(name) ?? fallback;
  }
  optionalInts(name: string) {
    const a = this.#all[name];
    return a?.kind === "ints" ? a.value.map(Number) : undefined;
  }
  ints(name: string, fallback: readonly number[]) {
    return this.optionalInts(name) ?? fallback;
  }
  optionalFloat(name: string) {
    const a = this.#all[name];
    return a?.kind === "float" ? a.value : undefined;
  }
  float(name: string, fallback: number) {
    return this.optionalFloat(name) ?? fallback;
  }
  floats(name: string) {
    const a = this.#all[name];
    return a?.kind === "floats" ? a.value : undefined;
  }
  string(name: string, fallback: string) {
    const a = this.#all[name];
    return a?.kind === "string" ? decodeUtf8(a.value) : fallback;
  }
  strings(name: string) {
    const a = this.#all[name];
    return a?.kind === "strings" ? a.value.map(decodeUtf8) : undefined;
  }
  tensor(name: string) {
    const a = this.#all[name];
    return a?.kind === "tensor" ? a.value : undefined;
  }
  graph(name: string) {
    const a = this.#all[name];
    return a?.kind === "graph" ? a.value : undefined;
  }
  has(name: string) {
    return name in this.#all;
  }
}
