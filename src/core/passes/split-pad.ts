import { attributesOf } from "../ir/attributes.ts";
import { makeNode, type Node, type ValueName } from "../ir/graph.ts";
import { longTensor, type Tensor } from "../ir/tensor.ts";
import { padPairs } from "../ops/pad.ts";
import { freshNames, type Pass } from "./pass.ts";

/** A constant Pad of several axes becomes one Pad per axis, so that time can be treated apart from the others. */
export const splitPad: Pass = {
  name: "split-pad",
  run({ model, inference }) {
    const fresh = freshNames(model);
    const removeNodes = new Set<Node>();
    const addNodes: Node[] = [];
    const setInitializers = new Map<ValueName, Tensor>();
    for (const node of model.graph.nodes) {
      if (node.op !== "Pad" || node.domain !== "" || !node.inputs[1]) continue;
      if (attributesOf(node).string("mode", "constant") !== "constant") continue;
      const pairs = padPairs(
        attributesOf(node),
        node.inputs.map((name) => (name ? inference.info(name) : undefined)),
      );
      const padded = pairs?.flatMap(([b, a], i) => (b === 0 && a === 0 ? [] : [i])) ?? [];
      if (!pairs || padded.length < 2) continue;
      removeNodes.add(node);
      let from = node.inputs[0] ?? "";
      for (const [k, axis] of padded.entries()) {
        const last = k === padded.length - 1;
        const to = last ? (node.outputs[0] ?? "") : fresh(`${node.outputs[0]}.axis${axis}`);
        const pads = fresh(`${to}.pads`);
        const one = (side: 0 | 1) => pairs.map((p, i) => (i === axis ? Number(p[side]) : 0));
        setInitializers.set(pads, longTensor([...one(0), ...one(1)]));
        const value = node.inputs[2] ? [node.inputs[2]] : [];
        addNodes.push(
          makeNode(
            "Pad",
            [from, pads, ...value],
            [to],
            node.attributes,
            last ? node.name : `${node.name}.axis${axis}`,
          ),
        );
        from = to;
      }
    }
    return removeNodes.size === 0 ? undefined : { removeNodes, addNodes, setInitializers };
  },
};
