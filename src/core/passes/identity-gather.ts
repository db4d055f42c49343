import { attributesOf } from "../ir/attributes.ts";
import { type Dim, makeNode, type Node, type ValueName } from "../ir/graph.ts";
import { longTensor, numbers, type Tensor } from "../ir/tensor.ts";
import { producersOf } from "../ir/walk.ts";
import { sameDim } from "../ops/rules/dim.ts";
import { fromFront, isInteger, knownScalar, vectorOf } from "../ops/rules/operand.ts";
import type { InferenceResult } from "./infer-shapes.ts";
import { freshNames, type Pass } from "./pass.ts";

/** Squeeze and Unsqueeze take their axes as an input since this opset. */
const AXES_INPUT_OPSET = 13;

/**
 * A Gather of all entries of an axis in their order, as exporters spell an unfold whose window is 1 there, only inserts
 * axes of extent 1. Written so, it says nothing of the length.
 */
export const identityGather: Pass = {
  name: "identity-gather",
  needs: ["Gather"],
  run({ model, inference }) {
    if ((model.opsets.get("") ?? 1) < AXES_INPUT_OPSET) return undefined;
    const producers = producersOf(model.graph);
    const fresh = freshNames(model);
    const replaceNodes = new Map<Node, Node>();
    const setInitializers = new Map<ValueName, Tensor>();
    for (const node of model.graph.nodes) {
      if (node.domain !== "" || node.op !== "Gather") continue;
      const axes = insertedAxes(node, inference, producers);
      if (!axes) continue;
      const [source = "", output = ""] = [node.inputs[0], node.outputs[0]];
      if (axes.length === 0) {
        replaceNodes.set(node, makeNode("Identity", [source], [output], {}, node.name));
      } else {
        const name = fresh(`${output}.axes`);
        setInitializers.set(name, longTensor(axes));
        replaceNodes.set(node, makeNode("Unsqueeze", [source, name], [output], {}, node.name));
      }
    }
    return replaceNodes.size === 0 ? undefined : { replaceNodes, setInitializers };
  },
};

/** Places of the axes that the node inserts into its output, if it does nothing else. */
function insertedAxes(
  node: Node,
  inference: InferenceResult,
  producers: ReadonlyMap<ValueName, Node>,
): readonly number[] | undefined {
  const x = inference.info(node.inputs[0] ?? "").shape;
  const indices = node.inputs[1] ?? "";
  const shape = inference.info(indices).shape;
  if (!x || !shape) return undefined;
  const axis = fromFront(attributesOf(node).int("axis", 0), x.length);
  const length = x[axis] ?? null;
  const at = shape.findIndex((d) => d !== 1);
  if (at < 0 || shape.some((d, i) => i !== at && d !== 1)) return undefined;
  if (!sameDim(shape[at] ?? null, length) || !counts(indices, length, inference, producers)) return undefined;
  return shape.flatMap((_, i) => (i === at ? [] : [axis + i]));
}

/** Whether a tensor holds 0, 1, 2, … below `length`. */
function counts(
  name: ValueName,
  length: Dim,
  inference: InferenceResult,
  producers: ReadonlyMap<ValueName, Node>,
): boolean {
  const { constant } = inference.info(name);
  if (constant) return isInteger(constant.dtype) && numbers(constant).every((v, i) => v === i);
  const node = producers.get(name);
  if (node?.domain !== "") return false;
  const through = (input: number) => counts(node.inputs[input] ?? "", length, inference, producers);
  const isZero = (input: number): boolean => {
    const other = inference.info(node.inputs[input] ?? "").constant;
    return other !== undefined && numbers(other).every((v) => v === 0);
  };
  switch (node.op) {
    case "Range": {
      const [start, limit, step] = node.inputs.map((input) => inference.info(input));
      const end = vectorOf(limit)?.[0] ?? null;
      return knownScalar(start) === 0 && knownScalar(step) === 1 && sameDim(end, length);
    }
    case "Unsqueeze":
    case "Squeeze":
    case "Reshape":
    case "Cast":
      return through(0);
    case "Add":
      return (isZero(1) && through(0)) || (isZero(0) && through(1));
    default:
      return false;
  }
}
