import type { ModelSummary, NodeSummary, ValueSummary } from "../../../engine/reports.ts";
import { allNodes } from "../../../state/select/all-nodes.ts";
import { valueLinksOf } from "../../../state/select/value-links.ts";

/** Node of a key. */
export function nodeOf(summary: ModelSummary, key: string): NodeSummary | undefined {
  return allNodes(summary).nodeOf.get(key);
}

/** Where a value comes from and who reads it. */
export function valueLinks(summary: ModelSummary, value: string) {
  const { producerOf, consumersOf } = valueLinksOf(summary);
  return {
    producer: producerOf.get(value),
    consumers: consumersOf.get(value) ?? [],
    isInput: summary.inputs.some((i) => i.name === value),
    isOutput: summary.outputs.some((o) => o.name === value),
  };
}

/** What is known of a value or initializer by name. */
export function summaryOf(summary: ModelSummary, name: string): ValueSummary {
  return valueLinksOf(summary).valueOf.get(name) ?? { name };
}

/** Whether a name is a weight or another constant of the file. */
export function isInitializer(summary: ModelSummary, name: string): boolean {
  return valueLinksOf(summary).constants.has(name);
}

/** Integers that a node of a quantized file reads: its parameters and the table that an attribute names. */
export function storedIntegers(summary: ModelSummary, node: NodeSummary) {
  const names = new Set([...node.inputs, node.attributes.lut ?? ""]);
  return summary.initializers.flatMap(({ name, integers }) =>
    integers && names.has(name) ? [{ name, ...integers }] : [],
  );
}
