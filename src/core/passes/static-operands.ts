import type { Node, ValueName } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import { rulesFor } from "../ops/catalogue.ts";
import { freshNames, type Pass } from "./pass.ts";

/**
 * Shape operands that were computed from a symbolic length become constants that say the same at any length:
 * Reshape targets with 0 and −1, Expand targets with 1, Slice bounds counted from the end.
 */
export const staticOperands: Pass = {
  name: "static-operands",
  run({ model, inference }) {
    const fresh = freshNames(model);
    const replaceNodes = new Map<Node, Node>();
    const setInitializers = new Map<ValueName, Tensor>();
    for (const node of model.graph.nodes) {
      const settle = rulesFor(node)?.settle;
      if (!settle) continue;
      const constants = settle(node.inputs.map((name) => (name ? inference.info(name) : undefined)));
      if (constants.size === 0) continue;
      const inputs = [...node.inputs];
      for (const [i, tensor] of constants) {
        const name = fresh(`${node.outputs[0] ?? node.name}.input${i}`);
        setInitializers.set(name, tensor);
        inputs[i] = name;
      }
      replaceNodes.set(node, { ...node, inputs });
    }
    return replaceNodes.size === 0 ? undefined : { replaceNodes, setInitializers };
  },
};
