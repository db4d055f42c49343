import { intAttribute, intsAttribute, makeNode, type Node, type ValueName } from "../../ir/graph.ts";
import { floatTensor, type Tensor } from "../../ir/tensor.ts";
import { affineOf } from "../../passes/norm-affine.ts";
import { freshNames, type Pass } from "../../passes/pass.ts";

/**
 * A BatchNormalization that no product before it could take, as a depthwise convolution of one tap: ESP-DL has no kernel for the one, and
 * rounds once in the other. Values of rank 3 and more; in others channels are no axis of a convolution.
 */
export const normAsConv: Pass = {
  name: "norm-as-conv",
  needs: ["BatchNormalization"],
  run(context) {
    const { model, inference } = context;
    const fresh = freshNames(model);
    const replaceNodes = new Map<Node, Node>();
    const setInitializers = new Map<ValueName, Tensor>();
    for (const norm of model.graph.nodes) {
      if (norm.op !== "BatchNormalization" || norm.domain !== "") continue;
      const [x = ""] = norm.inputs;
      const [y = ""] = norm.outputs;
      const spatial =
        inference
          .info(x)
          .shape?.slice(2)
          .map(() => 1) ?? [];
      const affine = spatial.length > 0 ? affineOf(norm, context) : undefined;
      if (!affine) continue;
      const channels = affine.factor.length;
      const [weight, bias] = [fresh(`${y}.factor`), fresh(`${y}.shift`)];
      setInitializers.set(weight, floatTensor(Float32Array.from(affine.factor), [channels, 1, ...spatial]));
      setInitializers.set(
        bias,
        floatTensor(
          Float32Array.from(affine.factor, (_, c) => affine.shift(c, 0)),
          [channels],
        ),
      );
      const attributes = { group: intAttribute(channels), kernel_shape: intsAttribute(spatial) };
      replaceNodes.set(norm, makeNode("Conv", [x, weight, bias], [y], attributes, norm.name));
    }
    return replaceNodes.size === 0 ? undefined : { replaceNodes, setInitializers };
  },
};
