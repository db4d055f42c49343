import type { Graph, ValueName } from "../../core/ir/graph.ts";
import { usedBy } from "../../core/ir/walk.ts";
import type { QuantizationReport } from "../reports.ts";

export interface Differences {
  count: number;
  /** Largest difference in quantization steps. */
  maxSteps: number;
}

type Explained = QuantizationReport["integerParity"]["differences"];

/**
 * Values whose integers differ, worst first, each with its cause: a value one step off whose quantized sources are all
 * equal was rounded differently by the runtime (a tie of a float sum); behind a value that differs, anything may.
 */
export function explainDifferences(graph: Graph, seen: ReadonlyMap<ValueName, Differences>): Explained {
  const tainted = new Set<ValueName>();
  const rows: Explained[number][] = [];
  for (const node of graph.nodes) {
    const upstream = usedBy(node).some((name) => tainted.has(name));
    for (const value of node.outputs) {
      const found = seen.get(value);
      if (found === undefined ? upstream : found.count > 0) tainted.add(value);
      if (!found || found.count === 0) continue;
      const cause = upstream ? "upstream" : found.maxSteps === 1 ? "roundingTie" : "unknown";
      rows.push({ value, count: found.count, maxSteps: found.maxSteps, cause });
    }
  }
  return rows.sort((a, b) => b.maxSteps - a.maxSteps || b.count - a.count || (a.value < b.value ? -1 : 1));
}
