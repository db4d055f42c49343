import type { Node, ValueName } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { Pass } from "./pass.ts";

/**
 * Replaces nodes whose outputs are known by initializers of the same names: Constant nodes, and chains of
 * Shape/Gather/Concat/… that come out independent of any symbolic length. Nodes that make a graph output stay.
 */
export const foldConstants: Pass = {
  name: "fold-constants",
  run({ model, inference }) {
    const outputs = new Set(model.graph.outputs.map((o) => o.name));
    const removeNodes = new Set<Node>();
    const setInitializers = new Map<ValueName, Tensor>();
    for (const node of model.graph.nodes) {
      if (!node.outputs.some((o) => o !== "" && inference.info(o).constant)) continue;
      const names = node.outputs.filter((o) => o !== "");
      if (names.length === 0 || names.some((o) => outputs.has(o))) continue;
      const values = names.map((o) => inference.info(o).constant);
      if (!values.every((v) => v !== undefined)) continue;
      removeNodes.add(node);
      names.forEach((name, i) => {
        const value = values[i];
        if (value) setInitializers.set(name, value);
      });
    }
    return removeNodes.size === 0 ? undefined : { removeNodes, setInitializers };
  },
};
