import type { ModelSummary } from "../../../engine/reports.ts";

/** By the name of a value, or by the key of a node. */
export type Numbers = ReadonlyMap<string, number>;

/** A node has the number of its first output; where a chip computes it together with its only reader, of that. */
export function nodeNumbers({ nodes }: ModelSummary, numbers: Numbers): Numbers {
  const readers = new Map<string, ModelSummary["nodes"][number][]>();
  for (const node of nodes)
    for (const name of new Set(node.inputs)) readers.set(name, [...(readers.get(name) ?? []), node]);
  const found = new Map<string, number>();
  for (const node of [...nodes].reverse()) {
    const [value = ""] = node.outputs;
    const [reader, ...others] = readers.get(value) ?? [];
    const together = reader && others.length === 0 ? found.get(reader.key) : undefined;
    const number = numbers.get(value) ?? together;
    if (number !== undefined) found.set(node.key, number);
  }
  return found;
}
