import { attributesOf } from "../../ir/attributes.ts";
import { intsAttribute, makeNode, type Node, type ValueInfo, type ValueName } from "../../ir/graph.ts";
import { longTensor, type Tensor } from "../../ir/tensor.ts";
import { freshNames, type Pass } from "../../passes/pass.ts";
import { windowOf } from "../lower/windows.ts";

/**
 * Padding as wide as the kernel on its axis becomes a Pad in front of the Conv: windows would lie in the padding alone, and the
 * runtime's kernels for one tap read outside the value there. Source: esp-dl dl_base_conv2d.cpp conv2d_11cn, dl_base.hpp.
 */
export const paddedPoints: Pass = {
  name: "padded-points",
  needs: ["Conv"],
  run({ model, inference }) {
    const { graph } = model;
    const fresh = freshNames(model);
    const replaceNodes = new Map<Node, Node>();
    const addNodes: Node[] = [];
    const setInitializers = new Map<ValueName, Tensor>();
    const setValues = new Map<ValueName, ValueInfo>();
    for (const node of graph.nodes) {
      const [x = "", w = ""] = node.inputs;
      const kernel = graph.initializers.get(w)?.dims.slice(2);
      if (node.op !== "Conv" || node.domain !== "" || !kernel) continue;
      const window = windowOf(attributesOf(node), kernel);
      const outside = kernel.map((k, i) => {
        const extent = (k - 1) * (window.dilations[i] ?? 1) + 1;
        return Math.max(window.padsBefore[i] ?? 0, window.padsAfter[i] ?? 0) >= extent;
      });
      if (!outside.includes(true)) continue;
      const moved = (pads: readonly number[]): number[] => pads.map((p, i) => (outside[i] ? p : 0));
      const kept = (pads: readonly number[]): number[] => pads.map((p, i) => (outside[i] ? 0 : p));
      const [before, after] = [moved(window.padsBefore), moved(window.padsAfter)];
      if ([...before, ...after].some((p) => p < 0)) continue;
      const padded = fresh(`${x}.padded`);
      const pads = fresh(`${padded}.pads`);
      setInitializers.set(pads, longTensor([0, 0, ...before, 0, 0, ...after]));
      addNodes.push(makeNode("Pad", [x, pads], [padded]));
      const shape = inference.info(x).shape?.map((d, i) => {
        return typeof d === "number" && i >= 2 ? d + (before[i - 2] ?? 0) + (after[i - 2] ?? 0) : d;
      });
      if (shape) setValues.set(padded, { name: padded, dtype: "float32", shape });
      replaceNodes.set(node, {
        ...node,
        inputs: [padded, ...node.inputs.slice(1)],
        attributes: {
          ...node.attributes,
          pads: intsAttribute([...kept(window.padsBefore), ...kept(window.padsAfter)]),
        },
      });
    }
    return replaceNodes.size === 0 ? undefined : { replaceNodes, addNodes, setInitializers, setValues };
  },
};
