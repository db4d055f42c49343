import type { Finding } from "../core/base/problem.ts";
import { type Graph, nodeKey } from "../core/ir/graph.ts";
import { rulesFor } from "../core/ops/catalogue.ts";

/** Operators of a graph for which Rill has no rules at all, each once with its places. */
export function unknownOperators({ nodes }: Pick<Graph, "nodes">): readonly Finding[] {
  const places = new Map<string, string[]>();
  for (const node of nodes) {
    if (rulesFor(node)) continue;
    const op = node.domain === "" ? node.op : `${node.domain}.${node.op}`;
    places.set(op, [...(places.get(op) ?? []), nodeKey(node)]);
  }
  return [...places].map(([op, [node = "", ...others]]): Finding => {
    return { severity: "warning", problem: { code: "model.opUnknown", op, node, count: others.length + 1 } };
  });
}
