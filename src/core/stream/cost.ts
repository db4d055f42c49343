import type { Graph, Node, ValueName } from "../ir/graph.ts";
import { byteLength, sizeOf } from "../ir/tensor.ts";
import type { OperandInfo } from "../ops/op.ts";
import type { StreamAnalysis } from "./analysis.ts";
import type { Extents } from "./extents.ts";
import type { Cache, ModuleCost } from "./module.ts";

/** Work of one run of one node. */
export interface NodeCost {
  readonly macs: number;
  /** Bytes that the node writes. */
  readonly activationBytes: number;
  /** 1 if the node is dispatched, 0 if the streaming form does without it. */
  readonly dispatches: number;
}

/** Work and memory of one run of a module. */
export function costOf(
  analysis: StreamAnalysis,
  extents: Extents,
  nodes: readonly Node[],
  graph: Graph,
  caches: readonly Cache[],
): ModuleCost {
  let [macs, activationBytes] = [0, 0];
  for (const node of nodes) {
    macs += macsOf(analysis, extents, node);
    activationBytes += activationBytesOf(analysis, extents, node);
  }
  let weightBytes = 0;
  for (const tensor of graph.initializers.values()) weightBytes += tensor.bytes.byteLength;
  const cacheBytes = caches.reduce((sum, c) => sum + byteLength(c.dtype, sizeOf(c.shape)), 0);
  return { macs, weightBytes, cacheBytes, activationBytes, dispatches: graph.nodes.length };
}

/** What one run of a node costs where the rest of its module is not known yet. */
export function nodeCost(analysis: StreamAnalysis, extents: Extents, node: Node): NodeCost {
  return {
    macs: macsOf(analysis, extents, node),
    activationBytes: activationBytesOf(analysis, extents, node),
    dispatches: isGone(analysis, node) ? 0 : 1,
  };
}

/** Multiply-accumulates of one node per step; 0 where its operator does not say. */
export function macsOf(analysis: StreamAnalysis, extents: Extents, node: Node): number {
  if (isGone(analysis, node)) return 0;
  const info = (name: ValueName): OperandInfo => {
    const shape = extents.shape(name);
    return { dtype: extents.dtype(name), ...(shape && { shape }) };
  };
  const operands = node.inputs.map((name) => (name === "" ? undefined : info(name)));
  return analysis.rulesOf(node)?.cost?.(operands, node.outputs.map(info)).macs ?? 0;
}

function activationBytesOf(analysis: StreamAnalysis, extents: Extents, node: Node): number {
  if (isGone(analysis, node)) return 0;
  return node.outputs
    .filter((name) => name !== "")
    .reduce((sum, name) => sum + byteLength(extents.dtype(name), sizeOf(extents.shape(name) ?? [])), 0);
}

/** Nodes that streaming replaces by views of a history. */
function isGone(analysis: StreamAnalysis, node: Node): boolean {
  const plan = analysis.plans.get(node)?.kind;
  return plan === "length" || plan === "alias" || plan === "delay" || plan === "last";
}
