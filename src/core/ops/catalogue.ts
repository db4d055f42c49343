import { attributesOf } from "../ir/attributes.ts";
import type { Node } from "../ir/graph.ts";
import * as activations from "./activations.ts";
import * as arithmetic from "./arithmetic.ts";
import * as cast from "./cast.ts";
import * as comparison from "./comparison.ts";
import * as concat from "./concat.ts";
import * as conv from "./conv.ts";
import * as convTranspose from "./conv-transpose.ts";
import * as elementaryMath from "./elementary-math.ts";
import * as expand from "./expand.ts";
import * as gather from "./gather.ts";
import * as gemm from "./gemm.ts";
import * as identity from "./identity.ts";
import * as matmul from "./matmul.ts";
import * as normalization from "./normalization.ts";
import type { OpDefinition, OpRules } from "./op.ts";
import * as pad from "./pad.ts";
import * as pool from "./pool.ts";
import * as quantize from "./quantize.ts";
import * as quantized from "./quantized.ts";
import * as recurrent from "./recurrent.ts";
import * as reduce from "./reduce.ts";
import * as reshape from "./reshape.ts";
import * as resize from "./resize.ts";
import * as scanAxis from "./scan-axis.ts";
import * as scatter from "./scatter.ts";
import * as shapeData from "./shape-data.ts";
import * as slice from "./slice.ts";
import * as softmax from "./softmax.ts";
import * as spaceDepth from "./space-depth.ts";
import * as split from "./split.ts";
import * as transpose from "./transpose.ts";
import * as where from "./where.ts";

/** One line per file; every operator a file exports is in the catalogue. */
const FILES: readonly Readonly<Record<string, unknown>>[] = [
  activations,
  arithmetic,
  cast,
  comparison,
  concat,
  conv,
  convTranspose,
  elementaryMath,
  expand,
  gather,
  gemm,
  identity,
  matmul,
  normalization,
  pad,
  pool,
  quantize,
  quantized,
  recurrent,
  reduce,
  reshape,
  resize,
  scanAxis,
  scatter,
  shapeData,
  slice,
  softmax,
  spaceDepth,
  split,
  transpose,
  where,
];

function isDefinition(value: unknown): value is OpDefinition {
  return typeof value === "object" && value !== null && "op" in value && "bind" in value;
}

/** Every operator Rill knows, by name. */
export const catalogue: ReadonlyMap<string, OpDefinition> = new Map(
  FILES.flatMap((file) => Object.values(file).filter(isDefinition))
    .sort((a, b) => (a.op < b.op ? -1 : 1))
    .map((d) => [d.op, d]),
);

/** The definition of an operator of the default domain ("" or "ai.onnx"). */
export function definitionOf(op: string, domain = ""): OpDefinition | undefined {
  return domain === "" || domain === "ai.onnx" ? catalogue.get(op) : undefined;
}

const bound = new WeakMap<Node, OpRules>();

/** The rules of one node, bound to its attributes once. Undefined for an operator that is not in the catalogue. */
export function rulesFor(node: Node): OpRules | undefined {
  const known = bound.get(node);
  if (known) return known;
  const rules = definitionOf(node.op, node.domain)?.bind(attributesOf(node), node);
  if (rules) bound.set(node, rules);
  return rules;
}
