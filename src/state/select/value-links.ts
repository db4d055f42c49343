import type { ModelSummary, NodeSummary, ValueSummary } from "../../engine/reports.ts";
import { allNodes } from "./all-nodes.ts";

/** What belongs to a name, without walking the model. */
export interface ValueLinks {
  readonly producerOf: ReadonlyMap<string, NodeSummary>;
  /** Each consumer once. */
  readonly consumersOf: ReadonlyMap<string, readonly NodeSummary[]>;
  /** Names of weights and other constants of the file. */
  readonly constants: ReadonlySet<string>;
  /** What is known of inputs, outputs, values and initializers; of a name in several of these lists, the first in this order. */
  readonly valueOf: ReadonlyMap<string, ValueSummary>;
}

const known = new WeakMap<ModelSummary, ValueLinks>();

/** Found once per model. */
export function valueLinksOf(summary: ModelSummary): ValueLinks {
  const found = known.get(summary) ?? { ...edgesOf(summary), ...namesOf(summary) };
  known.set(summary, found);
  return found;
}

function edgesOf(summary: ModelSummary) {
  const producerOf = new Map<string, NodeSummary>();
  const consumersOf = new Map<string, NodeSummary[]>();
  for (const node of allNodes(summary).nodes) {
    for (const value of node.outputs) if (!producerOf.has(value)) producerOf.set(value, node);
    for (const value of node.inputs) {
      const consumers = consumersOf.get(value);
      if (!consumers) consumersOf.set(value, [node]);
      else if (consumers.at(-1) !== node) consumers.push(node);
    }
  }
  return { producerOf, consumersOf };
}

function namesOf(summary: ModelSummary) {
  const { values, initializers } = allNodes(summary);
  const summaries = new Map<string, ValueSummary>();
  for (const list of [summary.inputs, summary.outputs, values, initializers])
    for (const value of list) if (!summaries.has(value.name)) summaries.set(value.name, value);
  return { constants: new Set(initializers.map((i) => i.name)), valueOf: summaries };
}
