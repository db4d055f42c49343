import { intAttribute, makeNode, type Node, type ValueName } from "../../ir/graph.ts";
import { longTensor, sizeOf, type Tensor } from "../../ir/tensor.ts";
import { freshNames, type Pass } from "../../passes/pass.ts";

/**
 * Operators that the runtime has under another name only: the larger or smaller of a value and a number is a Clip, a maximum over
 * all places a ReduceMax.
 */
export const registeredForms: Pass = {
  name: "registered-forms",
  run({ model, inference }) {
    const { graph } = model;
    const fresh = freshNames(model);
    const replaceNodes = new Map<Node, Node>();
    const setInitializers = new Map<ValueName, Tensor>();
    for (const node of graph.nodes) {
      const { op, inputs, outputs, name } = node;
      if ((op === "Max" || op === "Min") && inputs.length === 2) {
        const bound = inputs.find((input) => isNumber(graph.initializers.get(input)));
        const value = inputs.find((input) => input !== bound);
        if (!bound || !value || graph.initializers.has(value)) continue;
        // A bound of many axes would make the value one of as many.
        const tensor = graph.initializers.get(bound);
        const rank = tensor?.dims.length ?? 0;
        if (rank > (inference.info(value).shape?.length ?? 0)) continue;
        // Bounds of a Clip have no axes.
        const scalar = tensor && rank > 0 ? fresh(`${outputs[0]}.bound`) : bound;
        if (tensor && scalar !== bound) setInitializers.set(scalar, { ...tensor, dims: [] });
        const bounds = op === "Max" ? [scalar] : ["", scalar];
        replaceNodes.set(node, makeNode("Clip", [value, ...bounds], outputs, {}, name));
      } else if (op === "GlobalMaxPool") {
        const rank = inference.info(inputs[0] ?? "").shape?.length;
        if (rank === undefined) continue;
        const axes = fresh(`${outputs[0]}.axes`);
        setInitializers.set(axes, longTensor(Array.from({ length: rank - 2 }, (_, i) => i + 2)));
        const attributes = { keepdims: intAttribute(1) };
        replaceNodes.set(node, makeNode("ReduceMax", [inputs[0] ?? "", axes], outputs, attributes, name));
      }
    }
    return replaceNodes.size === 0 ? undefined : { replaceNodes, setInitializers };
  },
};

function isNumber(tensor: Tensor | undefined): boolean {
  return tensor !== undefined && tensor.dtype === "float32" && sizeOf(tensor.dims) === 1;
}
