import { attributesOf } from "../ir/attributes.ts";
import type { Node } from "../ir/graph.ts";
import { activationsOps } from "./activations.ts";
import { arithmeticOps } from "./arithmetic.ts";
import { castOps } from "./cast.ts";
import { comparisonOps } from "./comparison.ts";
import { concatOps } from "./concat.ts";
import { convOps } from "./conv.ts";
import { convTransposeOps } from "./conv-transpose.ts";
import { elementaryMathOps } from "./elementary-math.ts";
import { expandOps } from "./expand.ts";
import { gatherOps } from "./gather.ts";
import { gemmOps } from "./gemm.ts";
import { identityOps } from "./identity.ts";
import { INNER_DOMAIN, lastFramesOp } from "./last-frames.ts";
import { matmulOps } from "./matmul.ts";
import { normalizationOps } from "./normalization.ts";
import type { OpDefinition, OpRules } from "./op.ts";
import { padOps } from "./pad.ts";
import { poolOps } from "./pool.ts";
import { quantizeOps } from "./quantize.ts";
import { quantizedOps } from "./quantized.ts";
import { recurrentOps } from "./recurrent.ts";
import { reduceOps } from "./reduce.ts";
import { reshapeOps } from "./reshape.ts";
import { resizeOps } from "./resize.ts";
import { reverseSequenceOps } from "./reverse-sequence.ts";
import { scanOps } from "./scan.ts";
import { scanAxisOps } from "./scan-axis.ts";
import { scatterOps } from "./scatter.ts";
import { shapeDataOps } from "./shape-data.ts";
import { sliceOps } from "./slice.ts";
import { softmaxOps } from "./softmax.ts";
import { spaceDepthOps } from "./space-depth.ts";
import { splitOps } from "./split.ts";
import { transposeOps } from "./transpose.ts";
import { triluOps } from "./trilu.ts";
import { whereOps } from "./where.ts";

/** One line per file of operators. */
const FILES: readonly (readonly OpDefinition[])[] = [
  activationsOps,
  arithmeticOps,
  castOps,
  comparisonOps,
  concatOps,
  convTransposeOps,
  convOps,
  elementaryMathOps,
  expandOps,
  gatherOps,
  gemmOps,
  identityOps,
  matmulOps,
  normalizationOps,
  padOps,
  poolOps,
  quantizeOps,
  quantizedOps,
  recurrentOps,
  reduceOps,
  reshapeOps,
  resizeOps,
  reverseSequenceOps,
  scanAxisOps,
  scanOps,
  scatterOps,
  shapeDataOps,
  sliceOps,
  softmaxOps,
  spaceDepthOps,
  splitOps,
  transposeOps,
  triluOps,
  whereOps,
];

/** Every operator Rill knows, by name. */
export const catalogue: ReadonlyMap<string, OpDefinition> = new Map(
  FILES.flat()
    .sort((a, b) => (a.op < b.op ? -1 : 1))
    .map((d) => [d.op, d]),
);

const inner: ReadonlyMap<string, OpDefinition> = new Map([[lastFramesOp.op, lastFramesOp]]);

/** The definition of an operator of the default domain ("" or "ai.onnx"), or of those that approximations add. */
export function definitionOf(op: string, domain = ""): OpDefinition | undefined {
  if (domain === INNER_DOMAIN) return inner.get(op);
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
