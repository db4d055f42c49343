import type { Node, ValueName } from "../ir/graph.ts";
import { usedBy } from "../ir/walk.ts";
import type { Pass } from "./pass.ts";

/** Removes nodes and initializers that no graph output depends on. Graph inputs stay. */
export const removeDeadCode: Pass = {
  name: "dead-code",
  run({ model: { graph } }) {
    const needed = new Set<ValueName>(graph.outputs.map((o) => o.name));
    const removeNodes = new Set<Node>();
    for (const node of [...graph.nodes].reverse()) {
      if (node.outputs.some((o) => needed.has(o))) for (const name of usedBy(node)) needed.add(name);
      else removeNodes.add(node);
    }
    const removeInitializers = new Set([...graph.initializers.keys()].filter((name) => !needed.has(name)));
    if (removeNodes.size === 0 && removeInitializers.size === 0) return undefined;
    return { removeNodes, removeInitializers };
  },
};
