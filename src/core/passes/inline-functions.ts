import {
  type Attribute,
  type FunctionBody,
  type Graph,
  type Model,
  makeNode,
  type Node,
  type ValueName,
} from "../ir/graph.ts";
import { sortTopologically } from "../ir/patch.ts";
import { renameNode } from "../ir/rename.ts";

/** Functions call functions; deeper than this they call themselves. */
const DEEPEST = 32;

type Functions = ReadonlyMap<string, FunctionBody>;

const keyOf = (domain: string, name: string, overload: string): string => `${domain}::${name}::${overload}`;

/**
 * Puts the body of every model-local function in the place of its calls. A function that was written for another opset
 * than the model's stays, and so do its calls.
 */
export function inlineFunctions(model: Model): { readonly model: Model; readonly changes: number } {
  if (model.functions.length === 0) return { model, changes: 0 };
  const functions = new Map<string, FunctionBody>();
  for (const fn of model.functions) {
    const { body } = fn;
    const same = [...body.opsets].every(([domain, version]) => sameOpset(model, domain, version));
    if (same) functions.set(keyOf(fn.domain, fn.name, body.overload), body);
  }
  const inliner = new Inliner(functions, model.graph);
  const graph = inliner.graph(model.graph, 0);
  const left = model.functions.filter((fn) => !functions.has(keyOf(fn.domain, fn.name, fn.body.overload)));
  return { model: { ...model, graph, functions: left }, changes: inliner.changes };
}

/** Domains of functions have no operators whose meaning could change. */
function sameOpset(model: Model, domain: string, version: number): boolean {
  const own = model.opsets.get(domain) ?? (domain === "" ? model.opsets.get("ai.onnx") : undefined);
  return own === undefined || own === version || model.functions.some((fn) => fn.domain === domain);
}

class Inliner {
  changes = 0;
  private readonly functions: Functions;
  private readonly taken: Set<ValueName>;

  constructor(functions: Functions, graph: Graph) {
    this.functions = functions;
    this.taken = new Set([
      ...graph.inputs.map((v) => v.name),
      ...graph.initializers.keys(),
      ...graph.nodes.flatMap((n) => n.outputs),
    ]);
  }

  graph(graph: Graph, depth: number): Graph {
    const nodes = graph.nodes.flatMap((node) => this.node(node, depth));
    return { ...graph, nodes: depth === 0 ? sortTopologically(nodes) : nodes };
  }

  private node(original: Node, depth: number): Node[] {
    const node = this.withGraphs(original, depth);
    const overload = (node.extra as { overload?: string } | undefined)?.overload ?? "";
    const body = this.functions.get(keyOf(node.domain, node.op, overload));
    if (!body) return [node];
    if (depth > DEEPEST) throw new Error(`${node.op} calls itself`);
    this.changes++;
    return this.call(node, body).flatMap((inner) => this.node(inner, depth + 1));
  }

  private withGraphs(node: Node, depth: number): Node {
    const graphs = Object.entries(node.attributes).flatMap(([name, a]) =>
      a.kind === "graph"
        ? [[name, { kind: "graph", value: this.graph(a.value, depth + 1) } as const] as const]
        : [],
    );
    return graphs.length === 0
      ? node
      : { ...node, attributes: { ...node.attributes, ...Object.fromEntries(graphs) } };
  }

  /** The nodes of one call, under names that nothing else has. */
  private call(node: Node, body: FunctionBody): Node[] {
    const names = new Map<ValueName, ValueName>(body.inputs.map((name, i) => [name, node.inputs[i] ?? ""]));
    const copies: Node[] = [];
    const made = new Set(body.nodes.flatMap((n) => n.outputs));
    for (const [i, name] of body.outputs.entries()) {
      const output = node.outputs[i] ?? "";
      if (output === "") continue;
      // An input that is handed through, or a value that is given out twice.
      if (!made.has(name) || names.has(name)) copies.push(makeNode("Identity", [name], [output]));
      else names.set(name, output);
    }
    for (const name of made)
      if (name !== "" && !names.has(name))
        names.set(name, this.fresh(`${node.outputs[0] ?? node.op}/${name}`));
    const given = new Map([...body.defaults, ...Object.entries(node.attributes)]);
    const rename = (name: ValueName): ValueName => names.get(name) ?? name;
    return [
      ...body.nodes.map((inner) => {
        const bound = { ...inner, attributes: boundAttributes(inner.attributes, given) };
        return { ...renameNode(bound, rename), name: `${node.name}/${inner.name}` };
      }),
      ...copies.map((copy) => ({ ...copy, inputs: copy.inputs.map(rename) })),
    ];
  }

  private fresh(base: ValueName): ValueName {
    let name = base;
    for (let i = 1; this.taken.has(name); i++) name = `${base}.${i}`;
    this.taken.add(name);
    return name;
  }
}

/** References to the function's attributes replaced by their values; left out where there is none. */
function boundAttributes(
  attributes: Node["attributes"],
  given: ReadonlyMap<string, Attribute>,
): Record<string, Attribute> {
  const bound: Record<string, Attribute> = {};
  for (const [name, attribute] of Object.entries(attributes)) {
    const value = attribute.kind === "reference" ? given.get(attribute.value) : attribute;
    if (!value) continue;
    bound[name] = value.kind === "graph" ? { kind: "graph", value: boundGraph(value.value, given) } : value;
  }
  return bound;
}

function boundGraph(graph: Graph, given: ReadonlyMap<string, Attribute>): Graph {
  return {
    ...graph,
    nodes: graph.nodes.map((n) => ({ ...n, attributes: boundAttributes(n.attributes, given) })),
  };
}
