import type { Graph, ValueName } from "../../ir/graph.ts";
import { carriedInputs, movesIntegers, type NodePolicy, quantRuleOf } from "../placement.ts";
import type { QuantParams } from "../scheme.ts";

/** What insertion needs to know of a cache: which value's history it is, and its two ends. */
export interface CacheEnds {
  readonly value: ValueName;
  readonly input: ValueName;
  readonly output: ValueName;
}

/**
 * Parameters of every value of a module, from those of the offline graph: caches carry their value's, and the
 * windows and slices that conversion wrote between them inherit what flows through.
 */
export function spreadParams(
  graph: Graph,
  offline: ReadonlyMap<ValueName, QuantParams>,
  caches: readonly CacheEnds[],
  policy: NodePolicy,
): Map<ValueName, QuantParams> {
  const params = new Map<ValueName, QuantParams>();
  const know = (name: ValueName, known: QuantParams | undefined) => {
    if (known && name !== "" && !params.has(name)) params.set(name, known);
  };
  for (const { value, input, output } of caches) {
    know(input, offline.get(value));
    know(output, offline.get(value));
  }
  for (const input of graph.inputs) know(input.name, offline.get(input.name));
  for (const node of graph.nodes) {
    for (const output of node.outputs) know(output, offline.get(output));
    const rule = quantRuleOf(policy, node);
    if (!rule || !movesIntegers(rule)) continue;
    const carried = carriedInputs(graph, node, rule).map((name) => params.get(name));
    const [first] = carried;
    if (carried.every((p) => p !== undefined && first !== undefined && equalParams(p, first))) {
      for (const output of node.outputs) know(output, first);
    }
  }
  return params;
}

export function equalParams(a: QuantParams, b: QuantParams): boolean {
  return (
    a === b ||
    (a.dtype === b.dtype &&
      a.axis === b.axis &&
      a.scales.length === b.scales.length &&
      a.scales.every((scale, i) => scale === b.scales[i] && a.zeroPoints[i] === b.zeroPoints[i]))
  );
}
