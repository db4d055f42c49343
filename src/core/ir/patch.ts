import { fail } from "../base/problem.ts";
import type { Graph, Node, ValueInfo, ValueName } from "./graph.ts";
import type { Tensor } from "./tensor.ts";
import { usedBy } from "./walk.ts";

/** One change of a graph. Every field is optional; `applyPatch` checks the result. */
export interface Patch {
  readonly removeNodes?: ReadonlySet<Node>;
  readonly addNodes?: readonly Node[];
  /** Old node → the node that takes its place. */
  readonly replaceNodes?: ReadonlyMap<Node, Node>;
  /** Consumers of the key read the value instead. Graph outputs keep their names. */
  readonly redirect?: ReadonlyMap<ValueName, ValueName>;
  readonly setInitializers?: ReadonlyMap<ValueName, Tensor>;
  readonly removeInitializers?: ReadonlySet<ValueName>;
  readonly setValues?: ReadonlyMap<ValueName, ValueInfo>;
  readonly inputs?: readonly ValueInfo[];
  readonly outputs?: readonly ValueInfo[];
}

/**
 * The patched graph, nodes in topological order (stable: nodes keep their order where dependencies allow).
 * Throws `model.invalidGraph` if a name is defined twice, used undefined, or the nodes form a cycle.
 * A redirected graph output must still be produced by some node: callers rename, they do not redirect outputs.
 */
export function applyPatch(graph: Graph, patch: Patch): Graph {
  const initializers = new Map(graph.initializers);
  for (const name of patch.removeInitializers ?? []) initializers.delete(name);
  for (const [name, tensor] of patch.setInitializers ?? []) initializers.set(name, tensor);
  const values = new Map(graph.values);
  for (const [name, info] of patch.setValues ?? []) values.set(name, info);

  const redirect = patch.redirect ?? new Map<ValueName, ValueName>();
  const target = (name: ValueName): ValueName => {
    let at = name;
    for (let hops = 0; redirect.has(at); hops++) {
      if (hops > redirect.size) throw new Error(`redirect cycle at ${name}`);
      at = redirect.get(at) ?? at;
    }
    return at;
  };
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    if (patch.removeNodes?.has(node)) continue;
    nodes.push(patch.replaceNodes?.get(node) ?? node);
  }
  nodes.push(...(patch.addNodes ?? []));
  const redirected =
    redirect.size === 0
      ? nodes
      : nodes.map((n) =>
          n.inputs.some((i) => redirect.has(i)) ? { ...n, inputs: n.inputs.map(target) } : n,
        );
  const next: Graph = {
    ...graph,
    inputs: patch.inputs ?? graph.inputs,
    outputs: patch.outputs ?? graph.outputs,
    initializers,
    values,
    nodes: sortTopologically(redirected),
  };
  checkGraph(next);
  return next;
}

/** Stable topological order. Throws `model.invalidGraph` on a cycle. */
export function sortTopologically(nodes: readonly Node[]): Node[] {
  const makes = new Map<ValueName, number>();
  nodes.forEach((n, i) => {
    for (const o of n.outputs) if (o) makes.set(o, i);
  });
  const waits = new Int32Array(nodes.length);
  const readers: number[][] = nodes.map(() => []);
  nodes.forEach((n, i) => {
    for (const dep of new Set(usedBy(n).map((u) => makes.get(u)))) {
      if (dep === undefined || dep === i) continue;
      waits[i] = (waits[i] ?? 0) + 1;
      readers[dep]?.push(i);
    }
  });
  if (nodes.every((_, i) => (readers[i] ?? []).every((r) => r > i))) return [...nodes];
  const heap = new MinHeap();
  nodes.forEach((_, i) => {
    if (waits[i] === 0) heap.push(i);
  });
  const out: Node[] = [];
  for (let i = heap.pop(); i !== undefined; i = heap.pop()) {
    const node = nodes[i];
    if (node) out.push(node);
    for (const r of readers[i] ?? []) {
      waits[r] = (waits[r] ?? 0) - 1;
      if (waits[r] === 0) heap.push(r);
    }
  }
  if (out.length !== nodes.length) {
    const stuck = nodes.find((_, i) => (waits[i] ?? 0) > 0);
    fail({ code: "model.invalidGraph", what: { code: "cycle" }, node: stuck?.name ?? "" });
  }
  return out;
}

class MinHeap {
  private readonly items: number[] = [];
  push(x: number): void {
    const a = this.items;
    a.push(x);
    for (let i = a.length - 1; i > 0; ) {
      const p = (i - 1) >> 1;
      if ((a[p] as number) <= (a[i] as number)) break;
      [a[p], a[i]] = [a[i] as number, a[p] as number];
      i = p;
    }
  }
  pop(): number | undefined {
    const a = this.items;
    const top = a[0];
    const last = a.pop();
    if (top === undefined || last === undefined || a.length === 0) return top;
    a[0] = last;
    for (let i = 0; ; ) {
      const l = 2 * i + 1;
      let m = i;
      if (l < a.length && (a[l] as number) < (a[m] as number)) m = l;
      if (l + 1 < a.length && (a[l + 1] as number) < (a[m] as number)) m = l + 1;
      if (m === i) return top;
      [a[m], a[i]] = [a[i] as number, a[m] as number];
      i = m;
    }
  }
}

/** Single assignment, every use defined before it, every output defined. Throws `model.invalidGraph`. */
export function checkGraph(graph: Graph, outer: ReadonlySet<ValueName> = new Set()): void {
  const defined = new Set<ValueName>(outer);
  for (const v of graph.inputs) defined.add(v.name);
  for (const name of graph.initializers.keys()) defined.add(name);
  const made = new Set<ValueName>();
  for (const node of graph.nodes) {
    for (const name of usedBy(node)) {
      if (!defined.has(name)) {
        fail({ code: "model.invalidGraph", what: { code: "inputUndefined", name }, node: node.name });
      }
    }
    for (const out of node.outputs) {
      if (out === "") continue;
      if (made.has(out) || graph.initializers.has(out)) {
        fail({ code: "model.invalidGraph", what: { code: "definedTwice", name: out }, node: node.name });
      }
      made.add(out);
      defined.add(out);
    }
  }
  for (const out of graph.outputs) {
    if (!defined.has(out.name)) {
      fail({ code: "model.invalidGraph", what: { code: "outputUndefined", name: out.name }, node: "" });
    }
  }
}
