import type { Model, ValueName } from "../ir/graph.ts";
import type { Patch } from "../ir/patch.ts";
import { capturedBy } from "../ir/walk.ts";
import type { InferenceResult } from "./infer-shapes.ts";

/** One graph → graph rewrite. Answers undefined when there is nothing to do; it never edits the graph it reads. */
export interface Pass {
  readonly name: string;
  run(context: PassContext): Patch | undefined;
}

export interface PassContext {
  readonly model: Model;
  readonly inference: InferenceResult;
}

/** Names that subgraphs of control flow read: a patch cannot redirect those uses. */
export function capturedNames(model: Model): Set<ValueName> {
  const names = new Set<ValueName>();
  for (const node of model.graph.nodes) {
    for (const a of Object.values(node.attributes)) {
      const graphs = a.kind === "graph" ? [a.value] : a.kind === "graphs" ? a.value : [];
      for (const g of graphs) for (const name of capturedBy(g)) names.add(name);
    }
  }
  return names;
}

/** Gives names that no value of the model uses yet. */
export function freshNames(model: Model): (base: ValueName) => ValueName {
  const { graph } = model;
  const used = new Set<ValueName>([...graph.inputs.map((v) => v.name), ...graph.initializers.keys()]);
  for (const node of graph.nodes) for (const o of node.outputs) used.add(o);
  return (base) => {
    let name = base;
    for (let i = 1; used.has(name); i++) name = `${base}.${i}`;
    used.add(name);
    return name;
  };
}

/** Number of reads of every value by nodes, subgraphs and graph outputs. */
export function countUses(model: Model): Map<ValueName, number> {
  const counts = new Map<ValueName, number>();
  const count = (name: ValueName): void => {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  for (const node of model.graph.nodes) for (const input of node.inputs) if (input) count(input);
  for (const name of capturedNames(model)) count(name);
  for (const output of model.graph.outputs) count(output.name);
  return counts;
}
