import { makeNode, type Node } from "../../ir/graph.ts";
import { consumersOf, producersOf } from "../../ir/walk.ts";
import { countUses, type Pass } from "../../passes/pass.ts";
import { isComputing, isPassive } from "../../quant/esp/op-roles.ts";

/**
 * x · sigmoid(x) as one Swish, where x comes from a computing or a passive op and nothing else reads it or the sigmoid: then
 * only one rounding stands between x and the product. Source: esp-ppq 1.3.5, IR/morph.py 988–1023.
 */
export const fuseSwish: Pass = {
  name: "fuse-swish",
  run({ model }) {
    const producers = producersOf(model.graph);
    const consumers = consumersOf(model.graph);
    const uses = countUses(model);
    const removeNodes = new Set<Node>();
    const replaceNodes = new Map<Node, Node>();
    for (const sigmoid of model.graph.nodes) {
      const [x = ""] = sigmoid.inputs;
      const [gate = ""] = sigmoid.outputs;
      const source = producers.get(x);
      if (sigmoid.op !== "Sigmoid" || !source || !(isComputing(source.op) || isPassive(source.op))) continue;
      const product = consumers.get(gate)?.[0];
      const both = product?.inputs.includes(x) && product.inputs.includes(gate);
      if (product?.op !== "Mul" || !both || uses.get(gate) !== 1 || uses.get(x) !== 2) continue;
      removeNodes.add(sigmoid);
      replaceNodes.set(product, makeNode("Swish", [x], product.outputs, {}, `${source.name}/Swish`));
    }
    return removeNodes.size === 0 ? undefined : { removeNodes, replaceNodes };
  },
};
