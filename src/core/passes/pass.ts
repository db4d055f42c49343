import type { Graph, Model, ValueName } from "../ir/graph.ts";
import type { Patch } from "../ir/patch.ts";
import { capturedBy } from "../ir/walk.ts";
import type { InferenceResult } from "./infer-shapes.ts";

/** One graph → graph rewrite. Answers undefined when there is nothing to do; it never edits the graph it reads. */
export interface Pass {
  readonly name: string;
  /** Operators of the default domain of which the main graph must have one for the pass to do anything; absent: any. */
  readonly needs?: readonly string[];
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

/** Gives names that no value of the model uses yet. The model is looked through when the first one is asked for. */
export function freshNames(model: Model): (base: ValueName) => ValueName {
  let known: Set<ValueName> | undefined;
  return (base) => {
    known ??= valueNames(model.graph);
    const used = known;
    let name = base;
    for (let i = 1; used.has(name); i++) name = `${base}.${i}`;
    used.add(name);
    return name;
  };
}

function valueNames(graph: Graph): Set<ValueName> {
  const used = new Set<ValueName>([...graph.inputs.map((v) => v.name), ...graph.initializers.keys()]);
  for (const node of graph.nodes) for (const o of node.outputs) used.add(o);
  return used;
}

const useCounts = new WeakMap<Graph, ReadonlyMap<ValueName, number>>();

/** Number of reads of every value by nodes, subgraphs and graph outputs. Counted once per graph. */
export function countUses(model: Model): ReadonlyMap<ValueName, number> {
  const found = useCounts.get(model.graph);
  if (found) return found;
  const counts = new Map<ValueName, number>();
  const count = (name: ValueName): void => {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  for (const node of model.graph.nodes) for (const input of node.inputs) if (input) count(input);
  for (const name of capturedNames(model)) count(name);
  for (const output of model.graph.outputs) count(output.name);
  useCounts.set(model.graph, counts);
  return counts;
}
