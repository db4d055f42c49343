import { attributesOf } from "../ir/attributes.ts";
import { makeNode, type Node, type ValueName } from "../ir/graph.ts";
import { longTensor, type Tensor } from "../ir/tensor.ts";
import { producersOf } from "../ir/walk.ts";
import { padPairs } from "../ops/pad.ts";
import { fromFront, knownInts } from "../ops/rules/operand.ts";
import type { InferenceResult } from "./infer-shapes.ts";
import { countUses, freshNames, type Pass } from "./pass.ts";

/** No axis is as long: a bound from here on means the end. */
const ENDLESS = 2 ** 31 - 1;

/** A Slice that cuts off what a constant Pad has just put on takes it back from the Pad. */
export const cancelPad: Pass = {
  name: "cancel-pad",
  needs: ["Slice"],
  run({ model, inference }) {
    const producers = producersOf(model.graph);
    const uses = countUses(model);
    const fresh = freshNames(model);
    for (const node of model.graph.nodes) {
      const cut = node.op === "Slice" && node.domain === "" ? cutOf(node, inference) : undefined;
      const pad = cut && producers.get(node.inputs[0] ?? "");
      if (!cut || pad?.op !== "Pad" || pad.domain !== "" || uses.get(pad.outputs[0] ?? "") !== 1) continue;
      if (!pad.inputs[1] || attributesOf(pad).string("mode", "constant") !== "constant") continue;
      const operands = pad.inputs.map((name) => (name ? inference.info(name) : undefined));
      const pairs = padPairs(attributesOf(pad), operands);
      const axis = fromFront(cut.axis, pairs?.length ?? 0);
      const [before, after] = pairs?.[axis] ?? [];
      if (!pairs || typeof before !== "number" || typeof after !== "number") continue;
      if (before < cut.start || after < cut.end) continue;
      const left = pairs.map(([b, a], i) => (i === axis ? [before - cut.start, after - cut.end] : [b, a]));
      if (left.flat().some((d) => typeof d !== "number")) continue;
      const output = node.outputs[0] ?? "";
      const pads = fresh(`${output}.pads`);
      const sides = [0, 1].flatMap((side) => left.map((p) => Number(p[side])));
      const [source = "", , ...rest] = pad.inputs;
      return {
        removeNodes: new Set<Node>([node, pad]),
        addNodes: [makeNode("Pad", [source, pads, ...rest], [output], pad.attributes, pad.name)],
        setInitializers: new Map<ValueName, Tensor>([[pads, longTensor(sides)]]),
      };
    }
    return undefined;
  },
};

/** Entries that a Slice along one axis drops at both ends. */
function cutOf(
  { inputs }: Node,
  { info }: InferenceResult,
): { readonly axis: number; readonly start: number; readonly end: number } | undefined {
  const [starts, ends, axes, steps] = inputs
    .slice(1)
    .map((name) => (name ? knownInts(info(name)) : undefined));
  const [start, end, axis] = [starts?.[0], ends?.[0], axes?.[0]];
  if (start === undefined || end === undefined || axis === undefined || starts?.length !== 1)
    return undefined;
  const byOne = !inputs[4] || steps?.[0] === 1;
  if (!byOne || start < 0 || (end >= 0 && end < ENDLESS)) return undefined;
  return { axis, start, end: end < 0 ? -end : 0 };
}
