import type { InitializerSummary, ModelSummary, NodeSummary, ValueSummary } from "../../engine/reports.ts";

/** Everything of a model that has a name, subgraphs included. */
export interface AllNodes {
  /** A node, then what its subgraphs hold, then the next. */
  readonly nodes: readonly NodeSummary[];
  readonly nodeOf: ReadonlyMap<string, NodeSummary>;
  /** What nodes and subgraphs' inputs are; the model's own inputs and outputs stand in the summary. */
  readonly values: readonly ValueSummary[];
  readonly initializers: readonly InitializerSummary[];
}

const known = new WeakMap<ModelSummary, AllNodes>();

/** Found once per model. */
export function allNodes(summary: ModelSummary): AllNodes {
  const found = known.get(summary) ?? collect(summary);
  known.set(summary, found);
  return found;
}

function collect(summary: ModelSummary): AllNodes {
  if (summary.nodes.every((n) => !n.subgraphs)) {
    const { nodes, values, initializers } = summary;
    return { nodes, values, initializers, nodeOf: new Map(nodes.map((n) => [n.key, n])) };
  }
  const nodes: NodeSummary[] = [];
  const values = [...summary.values];
  const initializers = [...summary.initializers];
  const walk = (level: readonly NodeSummary[]) => {
    for (const node of level) {
      nodes.push(node);
      for (const subgraph of node.subgraphs ?? []) {
        values.push(...subgraph.values);
        initializers.push(...subgraph.initializers);
        walk(subgraph.nodes);
      }
    }
  };
  walk(summary.nodes);
  return { nodes, values, initializers, nodeOf: new Map(nodes.map((n) => [n.key, n])) };
}
