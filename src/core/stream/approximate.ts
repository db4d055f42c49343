import type { Node, ValueName } from "../ir/graph.ts";
import type { StreamAnalysis } from "./analysis.ts";
import type { Rings } from "./rings.ts";
import { readsOf } from "./scope.ts";

/** Values that no longer equal offline because a history that they depend on was removed. */
export function approximateValues(
  analysis: StreamAnalysis,
  nodes: readonly Node[],
  rings: Rings,
  before: ReadonlySet<ValueName> = new Set(),
): ReadonlySet<ValueName> {
  const values = new Set(before);
  for (const node of nodes) {
    const starved = rings.views.get(node)?.some((view) => rings.ringOf(view)?.kept === false) ?? false;
    if (starved || readsOf(analysis, node).some((name) => values.has(name)))
      for (const output of node.outputs) values.add(output);
  }
  return values;
}
