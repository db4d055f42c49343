import type { Graph, Node, ValueName } from "../ir/graph.ts";
import { byteLength, sizeOf } from "../ir/tensor.ts";
import type { OperandInfo } from "../ops/op.ts";
import type { StreamAnalysis } from "./analysis.ts";
import type { Extents } from "./extents.ts";
import type { Cache, ModuleCost } from "./module.ts";

/** Work and memory of one run of a module. */
export function costOf(
  analysis: StreamAnalysis,
  extents: Extents,
  nodes: readonly Node[],
  graph: Graph,
  caches: readonly Cache[],
): ModuleCost {
  let macs = 0;
  for (const node of nodes) macs += macsOf(analysis, extents, node);
  let weightBytes = 0;
  for (const tensor of graph.initializers.values()) weightBytes += tensor.bytes.byteLength;
  const cacheBytes = caches.reduce((sum, c) => sum + byteLength(c.dtype, sizeOf(c.shape)), 0);
  return { macs, weightBytes, cacheBytes };
}

/** Multiply-accumulates of one node per step; 0 where its operator does not say. */
export function macsOf(analysis: StreamAnalysis, extents: Extents, node: Node): number {
  const plan = analysis.plans.get(node)?.kind;
  if (plan === "length" || plan === "alias" || plan === "delay" || plan === "last") return 0;
  const info = (name: ValueName): OperandInfo => {
    const shape = extents.shape(name);
    return { dtype: extents.dtype(name), ...(shape && { shape }) };
  };
  const operands = node.inputs.map((name) => (name === "" ? undefined : info(name)));
  return analysis.rulesOf(node)?.cost?.(operands, node.outputs.map(info)).macs ?? 0;
}
