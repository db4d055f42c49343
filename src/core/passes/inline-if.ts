import { type Graph, makeNode, type Node, type ValueInfo, type ValueName } from "../ir/graph.ts";
import { type Renaming, renameNode } from "../ir/rename.ts";
import { numbers, type Tensor } from "../ir/tensor.ts";
import type { InferenceResult } from "./infer-shapes.ts";
import { freshNames, type Pass } from "./pass.ts";

interface Inlined {
  readonly nodes: Node[];
  readonly initializers: Map<ValueName, Tensor>;
  readonly values: Map<ValueName, ValueInfo>;
}

/** Puts the taken branch of every If with a constant condition in its place. */
export const inlineIf: Pass = {
  name: "inline-if",
  needs: ["If"],
  run({ model, inference }) {
    const fresh = freshNames(model);
    const freshNode = uniqueNames(model.graph.nodes.map((n) => n.name));
    const removeNodes = new Set<Node>();
    const inlined: Inlined = { nodes: [], initializers: new Map(), values: new Map() };
    for (const node of model.graph.nodes) {
      const branch = node.domain === "" && node.op === "If" ? takenBranch(node, inference) : undefined;
      if (!branch) continue;
      removeNodes.add(node);
      inline(node, branch, { fresh, freshNode }, inlined);
    }
    if (removeNodes.size === 0) return undefined;
    const { nodes, initializers, values } = inlined;
    return { removeNodes, addNodes: nodes, setInitializers: initializers, setValues: values };
  },
};

function takenBranch(node: Node, inference: InferenceResult): Graph | undefined {
  const condition = inference.info(node.inputs[0] ?? "").constant;
  if (!condition) return undefined;
  const taken = node.attributes[numbers(condition)[0] ? "then_branch" : "else_branch"];
  return taken?.kind === "graph" ? taken.value : undefined;
}

/** Node names tell nodes apart for some runtimes; an empty one is no name. */
function uniqueNames(taken: readonly string[]): Renaming {
  const used = new Set(taken);
  return (base) => {
    let name = base;
    for (let i = 1; name !== "" && used.has(name); i++) name = `${base}.${i}`;
    used.add(name);
    return name;
  };
}

/** The branch's nodes and constants under names that nothing else has; its outputs under those of the node. */
function inline(
  node: Node,
  branch: Graph,
  { fresh, freshNode }: { readonly fresh: Renaming; readonly freshNode: Renaming },
  into: Inlined,
): void {
  const made = new Set(branch.nodes.flatMap((n) => n.outputs).filter((name) => name !== ""));
  const names = new Map<ValueName, ValueName>();
  for (const [i, { name }] of branch.outputs.entries()) {
    const output = node.outputs[i] ?? "";
    if (output === "") continue;
    if (made.has(name) && !names.has(name)) names.set(name, output);
  }
  for (const name of [...made, ...branch.initializers.keys()])
    if (!names.has(name)) names.set(name, fresh(name));
  const rename: Renaming = (name) => names.get(name) ?? name;
  for (const inner of branch.nodes)
    into.nodes.push({ ...renameNode(inner, rename), name: freshNode(inner.name) });
  for (const [name, tensor] of branch.initializers) into.initializers.set(rename(name), tensor);
  for (const [name, info] of branch.values)
    if (names.has(name)) into.values.set(rename(name), { ...info, name: rename(name) });
  for (const [i, { name }] of branch.outputs.entries()) {
    const output = node.outputs[i] ?? "";
    if (output !== "" && rename(name) !== output)
      into.nodes.push(makeNode("Identity", [rename(name)], [output]));
  }
}
