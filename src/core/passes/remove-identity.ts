import { attributesOf } from "../ir/attributes.ts";
import { intsAttribute, type Node, type ValueName } from "../ir/graph.ts";
import type { Patch } from "../ir/patch.ts";
import { producersOf } from "../ir/walk.ts";
import { rulesFor } from "../ops/catalogue.ts";
import type { InferenceResult } from "./infer-shapes.ts";
import { capturedNames, countUses, type Pass, type PassContext } from "./pass.ts";

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
function handedOn(
  node: Node,
  inference: InferenceResult,
  isUsed: (name: ValueName) => boolean,
): ValueName | undefined {
  const [x = ""] = node.inputs;
  const rules = rulesFor(node);
  if (x === "" || !rules?.isIdentity || node.outputs.slice(1).some((o) => o !== "" && isUsed(o)))
    return undefined;
  const operands = node.inputs.map((name) => (name ? inference.info(name) : undefined));
  return rules.isIdentity(
    operands,
    node.outputs.map((name) => inference.info(name)),
  )
    ? x
    : undefined;
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
    const x = handedOn(node, inference, (name) => countUses(model).has(name));
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
