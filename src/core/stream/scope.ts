import { StudioError } from "../base/problem.ts";
import { type Node, nodeKey, type ValueName } from "../ir/graph.ts";
import { realInputs, usedBy } from "../ir/walk.ts";
import type { StreamAnalysis } from "./analysis.ts";
import type { PositionSource } from "./positions.ts";

/** The part of a graph that one module computes. */
export interface Scope {
  /** Nodes to write, in graph order: those asked for that reach an output, and the static nodes they read. */
  readonly nodes: readonly Node[];
  /** Values that come from outside: model inputs first, then values of other modules, in graph order. */
  readonly inputs: readonly ValueName[];
  readonly outputs: readonly ValueName[];
}

/**
 * What must be written so that `outputs` come out, computing only `own` nodes; static nodes are repeated wherever they
 * are read. Throws the first refusal if a node on the way has no plan.
 */
export function scopeOf(
  analysis: StreamAnalysis,
  own: ReadonlySet<Node> | undefined,
  outputs: readonly ValueName[],
): Scope {
  const { graph, plans, refusals } = analysis;
  const wanted = new Set<ValueName>(outputs);
  const nodes: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((o) => wanted.has(o))) continue;
    const plan = plans.get(node);
    if (!plan) {
      const first = refusals[0];
      if (first) throw new StudioError(first.problem);
      throw new Error(`${nodeKey(node)} was not analysed`);
    }
    const repeated = plan.kind === "static" || plan.kind === "length";
    if (own && !own.has(node) && !repeated) continue;
    nodes.push(node);
    for (const name of readsOf(analysis, node)) wanted.add(name);
  }
  nodes.reverse();
  const made = new Set(nodes.flatMap((n) => n.outputs));
  const outside = (name: ValueName): boolean => wanted.has(name) && !made.has(name);
  const modelInputs = realInputs(graph).map((v) => v.name);
  const inputs = modelInputs.filter(outside);
  for (const node of graph.nodes)
    for (const name of node.outputs) if (name && outside(name)) inputs.push(name);
  return { nodes, inputs, outputs };
}

/** Values that the streaming form of a node reads: constants that follow the chunk and slice ranges drop out. */
export function readsOf(analysis: StreamAnalysis, node: Node): readonly ValueName[] {
  const plan = analysis.plans.get(node);
  switch (plan?.kind) {
    case "length":
    case "grid":
      return [];
    case "position":
      return node.inputs.slice(0, 1).filter((name) => name !== "" && readsFirst(plan.source));
    case "attention":
      return node.inputs.filter((name, i) => name !== "" && plan.operands[i]?.kind !== "mask");
    case "frames": {
      const replaced = new Set(plan.positions?.keys());
      if (plan.rewrite) replaced.add(plan.rewrite.input);
      if (replaced.size === 0) return usedBy(node);
      return usedBy(node).filter(
        (name) => !node.inputs.includes(name) || node.inputs.some((n, i) => n === name && !replaced.has(i)),
      );
    }
    case "recurrent": {
      const replaced = new Set([...plan.states.map((s) => s.input), ...plan.dropped]);
      return usedBy(node).filter((name) => {
        const uses = node.inputs.flatMap((n, i) => (n === name ? [i] : []));
        return uses.length === 0 || uses.some((i) => !replaced.has(i));
      });
    }
    case "alias":
    case "delay":
    case "last":
      return node.inputs.filter((name) => analysis.facts.get(name)?.kind === "stream");
    default:
      return usedBy(node);
  }
}

/** Tables, and what is repeated, are read as they are; a Range is written anew. */
function readsFirst(source: PositionSource): boolean {
  return source.kind === "table" || (source.kind === "repeat" && source.shape > 0);
}
