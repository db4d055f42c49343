import { attributesOf } from "../ir/attributes.ts";
import { type Dim, makeNode, type Node, type ValueName } from "../ir/graph.ts";
import { longTensor, type Tensor } from "../ir/tensor.ts";
import { padPairs } from "../ops/pad.ts";
import { freshNames, type Pass } from "./pass.ts";

/**
 * A Pad of several axes becomes one Pad per axis, so that time can be treated apart from the others; one that
 * crops an end and extends the other (a shift) crops first and extends then.
 */
export const splitPad: Pass = {
  name: "split-pad",
  needs: ["Pad"],
  run({ model, inference }) {
    const fresh = freshNames(model);
    const removeNodes = new Set<Node>();
    const addNodes: Node[] = [];
    const setInitializers = new Map<ValueName, Tensor>();
    for (const node of model.graph.nodes) {
      if (node.op !== "Pad" || node.domain !== "" || !node.inputs[1]) continue;
      const constant = attributesOf(node).string("mode", "constant") === "constant";
      const pairs = padPairs(
        attributesOf(node),
        node.inputs.map((name) => (name ? inference.info(name) : undefined)),
      );
      const steps = pairs?.flatMap((pair, axis) => stepsOf(pair).map((step) => ({ axis, step }))) ?? [];
      if (!pairs || steps.length < 2) continue;
      // Which frames are repeated depends on what was cropped before.
      if (!constant && pairs.flat().some((p) => typeof p !== "number" || p < 0)) continue;
      removeNodes.add(node);
      let from = node.inputs[0] ?? "";
      for (const [k, { axis, step }] of steps.entries()) {
        const last = k === steps.length - 1;
        const to = last ? (node.outputs[0] ?? "") : fresh(`${node.outputs[0]}.axis${axis}`);
        const pads = fresh(`${to}.pads`);
        const one = (side: 0 | 1) => pairs.map((_, i) => (i === axis ? Number(step[side]) : 0));
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

/** What is done to one axis: nothing, one Pad, or a crop of one end and then an extension of the other. */
function stepsOf([before, after]: readonly [Dim, Dim]): (readonly [Dim, Dim])[] {
  if (before === 0 && after === 0) return [];
  if (typeof before !== "number" || typeof after !== "number" || before * after >= 0)
    return [[before, after]];
  return [
    [Math.min(before, 0), Math.min(after, 0)],
    [Math.max(before, 0), Math.max(after, 0)],
  ];
}
