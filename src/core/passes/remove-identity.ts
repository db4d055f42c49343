import { attributesOf } from "../ir/attributes.ts";
import { intsAttribute, type Node, type ValueName } from "../ir/graph.ts";
import type { Patch } from "../ir/patch.ts";
import { producersOf } from "../ir/walk.ts";
import { padPairs } from "../ops/pad.ts";
import { sameShape } from "../ops/rules/dim.ts";
import { knownInts } from "../ops/rules/operand.ts";
import { sliceEntries } from "../ops/slice.ts";
import type { InferenceResult } from "./infer-shapes.ts";
import { capturedNames, type Pass, type PassContext } from "./pass.ts";

/**
 * Removes operators that hand their input on: Identity, Dropout, and casts, reshapes, transposes, slices, pads,
 * expands and concats that change nothing; merges Transposes of Transposes.
 */
export const removeIdentity: Pass = {
  name: "remove-identity",
  run(context) {
    return mergeTransposes(context) ?? bypass(context);
  },
};

/** Value that a no-op node hands on; undefined if the node does something. */
function handedOn(node: Node, inference: InferenceResult): ValueName | undefined {
  const [x = ""] = node.inputs;
  if (node.domain !== "" || x === "" || node.outputs.slice(1).some((o) => o !== "")) return undefined;
  return isNoOp(node, inference) ? x : undefined;
}

function isNoOp(node: Node, inference: InferenceResult): boolean {
  const attributes = attributesOf(node);
  const operands = node.inputs.map((name) => (name ? inference.info(name) : undefined));
  const [x] = operands;
  const y = inference.info(node.outputs[0] ?? "");
  const keepsShape = x?.shape !== undefined && y.shape !== undefined && sameShape(x.shape, y.shape);
  switch (node.op) {
    case "Identity":
      return true;
    case "Dropout":
      return !node.inputs[2] || knownFalse(operands[2]?.constant?.bytes);
    case "Cast":
      return x?.dtype !== undefined && x.dtype === y.dtype;
    case "Concat":
    case "Sum":
    case "Max":
    case "Min":
    case "Mean":
      return node.inputs.length === 1;
    case "Reshape":
    case "Flatten":
    case "Expand":
    case "Squeeze":
    case "Unsqueeze":
      return keepsShape;
    case "Transpose":
      return attributes.ints("perm", [-1]).every((p, i) => p === i) || x?.shape?.length === 1;
    case "Tile":
      return knownInts(operands[1])?.every((r) => r === 1) ?? false;
    case "Slice":
      return keepsShape && (sliceEntries(attributes, operands)?.every((e) => e.step === 1) ?? false);
    case "Pad":
      return padPairs(attributes, operands)?.every(([b, a]) => b === 0 && a === 0) ?? false;
    default:
      return false;
  }
}

function knownFalse(bytes: Uint8Array | undefined): boolean {
  return bytes !== undefined && bytes[0] === 0;
}

function bypass({ model, inference }: PassContext): Patch | undefined {
  const { graph } = model;
  const outputs = new Set(graph.outputs.map((o) => o.name));
  const captured = capturedNames(model);
  const removeNodes = new Set<Node>();
  const redirect = new Map<ValueName, ValueName>();
  const kept: Node[] = [];
  for (const node of graph.nodes) {
    const [y = ""] = node.outputs;
    const x = handedOn(node, inference);
    if (x === undefined || captured.has(y)) continue;
    if (outputs.has(y)) {
      kept.push(node);
      continue;
    }
    removeNodes.add(node);
    redirect.set(y, x);
  }
  if (removeNodes.size > 0) return { removeNodes, redirect };
  for (const node of kept) {
    const patch = renameProducer({ model, inference }, node, captured);
    if (patch) return patch;
  }
  return undefined;
}

/** A no-op that makes a graph output: its input's producer takes over the output's name. */
function renameProducer(
  { model: { graph } }: PassContext,
  node: Node,
  captured: ReadonlySet<ValueName>,
): Patch | undefined {
  const [x = ""] = node.inputs;
  const [y = ""] = node.outputs;
  const producer = producersOf(graph).get(x);
  if (!producer || captured.has(x) || graph.outputs.some((o) => o.name === x)) return undefined;
  const renamed = { ...producer, outputs: producer.outputs.map((o) => (o === x ? y : o)) };
  return {
    removeNodes: new Set([node]),
    replaceNodes: new Map([[producer, renamed]]),
    redirect: new Map([[x, y]]),
  };
}

/** Transpose(Transpose(x)) reads x through the composed permutation. */
function mergeTransposes({ model }: PassContext): Patch | undefined {
  const producers = producersOf(model.graph);
  const replaceNodes = new Map<Node, Node>();
  for (const outer of model.graph.nodes) {
    const inner = outer.op === "Transpose" ? producers.get(outer.inputs[0] ?? "") : undefined;
    if (inner?.op !== "Transpose" || inner.domain !== "" || outer.domain !== "" || replaceNodes.has(inner)) {
      continue;
    }
    const a = attributesOf(inner).optionalInts("perm");
    const b = attributesOf(outer).optionalInts("perm");
    if (!a || !b) continue;
    const perm = b.map((p) => a[p] ?? 0);
    const attributes = { ...outer.attributes, perm: intsAttribute(perm) };
    replaceNodes.set(outer, { ...outer, inputs: inner.inputs, attributes });
  }
  return replaceNodes.size === 0 ? undefined : { replaceNodes };
}
