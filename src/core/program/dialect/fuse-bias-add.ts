import type { Node, ValueName } from "../../ir/graph.ts";
import { floats, floatTensor, type Tensor } from "../../ir/tensor.ts";
import { consumersOf } from "../../ir/walk.ts";
import { countUses, freshNames, type Pass } from "../../passes/pass.ts";
import { hasFilter } from "../../quant/esp/op-roles.ts";

/**
 * The constant that is added to a product without bias becomes its bias, if nothing else reads the product. For convolutions the
 * constant varies along channels only; a single number stays an Add. Source: esp-ppq 1.3.5, IR/morph.py 1025–1065.
 */
export const fuseBiasAdd: Pass = {
  name: "fuse-bias-add",
  run({ model }) {
    const { graph } = model;
    const consumers = consumersOf(graph);
    const uses = countUses(model);
    const fresh = freshNames(model);
    const removeNodes = new Set<Node>();
    const replaceNodes = new Map<Node, Node>();
    const setInitializers = new Map<ValueName, Tensor>();
    for (const node of graph.nodes) {
      const [made = ""] = node.outputs;
      if (!hasFilter(node.op) || node.inputs.length > 2 || uses.get(made) !== 1) continue;
      const add = consumers.get(made)?.[0];
      const constant = add?.op === "Add" ? add.inputs.find((name) => name !== made) : undefined;
      const tensor = constant ? graph.initializers.get(constant) : undefined;
      const weight = graph.initializers.get(node.inputs[1] ?? "");
      const bias = tensor && weight && biasOf(node, tensor, weight.dims.length);
      if (!add || !bias) continue;
      const name = fresh(`${add.outputs[0]}.bias`);
      setInitializers.set(name, bias);
      removeNodes.add(node);
      replaceNodes.set(add, { ...node, inputs: [...node.inputs, name], outputs: add.outputs });
    }
    return removeNodes.size === 0 ? undefined : { removeNodes, replaceNodes, setInitializers };
  },
};

/** The constant as a 1-D bias; undefined if it does not vary along channels alone. */
function biasOf(node: Node, tensor: Tensor, rank: number): Tensor | undefined {
  if (tensor.dtype !== "float32") return undefined;
  const wide = tensor.dims.filter((d) => d !== 1);
  if (wide.length !== 1) return undefined;
  const alongChannels = node.op === "Gemm" || (tensor.dims.length === rank && tensor.dims[1] !== 1);
  return alongChannels ? floatTensor(floats(tensor), wide) : undefined;
}
