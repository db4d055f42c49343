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
 * Values whose integers differ, worst first, each with its cause: `ties` are values whose float sums agree, so that only the
 * runtime rounded them differently; behind a value that differs, anything may.
 */
export function explainDifferences(
  graph: Graph,
  seen: ReadonlyMap<ValueName, Differences>,
  ties: ReadonlySet<ValueName>,
): Explained {
  const tainted = new Set<ValueName>();
  const rows: Explained[number][] = [];
  for (const node of graph.nodes) {
    const upstream = usedBy(node).some((name) => tainted.has(name));
    for (const value of node.outputs) {
      const found = seen.get(value);
      if (found === undefined ? upstream : found.count > 0) tainted.add(value);
      if (!found || found.count === 0) continue;
      const cause = upstream ? "upstream" : ties.has(value) ? "roundingTie" : "unknown";
      rows.push({ value, count: found.count, maxSteps: found.maxSteps, cause });
    }
  }
  return rows.sort((a, b) => b.maxSteps - a.maxSteps || b.count - a.count || (a.value < b.value ? -1 : 1));
}

/** Values that differ although all their sources are equal: ties, if their float sums agree. */
export function possibleTies(graph: Graph, seen: ReadonlyMap<ValueName, Differences>): ValueName[] {
  return explainDifferences(graph, seen, new Set(seen.keys()))
    .filter((row) => row.cause === "roundingTie")
    .map((row) => row.value);
}
