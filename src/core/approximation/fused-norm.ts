import { attributesOf } from "../ir/attributes.ts";
import { floatAttribute, intAttribute, makeNode, type Node } from "../ir/graph.ts";
import { rulesFor } from "../ops/catalogue.ts";
import { sameShape } from "../ops/rules/dim.ts";
import type { RefusedNode } from "./approximation-rule.ts";

/** A group normalisation as exporters write it: groups merged with time, normalised as instances, and taken apart again. */
export interface FusedNorm {
  readonly parts: readonly Node[];
  /** The same as one node. */
  readonly whole: RefusedNode;
}

/** Recognises the first of three such nodes, at which the reshape is refused. */
export function fusedNorm(refused: RefusedNode): FusedNorm | undefined {
  const { node, reason, inference, readers, source, model } = refused;
  if (reason !== "timeMerged" || node.inputs[0] !== source) return undefined;
  const outputs = new Set(model.graph.outputs.map((o) => o.name));
  const onlyReader = (of: Node): Node | undefined => {
    const [value = ""] = of.outputs;
    const found = readers.get(value) ?? [];
    return found.length === 1 && found[0]?.inputs[0] === value && !outputs.has(value) ? found[0] : undefined;
  };
  const norm = onlyReader(node);
  const back = norm && onlyReader(norm);
  if (!norm || !back) return undefined;
  const operands = norm.inputs.map((name) => inference.info(name));
  const reduction = rulesFor(norm)?.reduction?.(operands);
  if (reduction?.kind !== "normalize" || reduction.affine !== "channel" || reduction.scale !== 1)
    return undefined;
  const [before, merged] = [inference.info(source).shape, inference.info(node.outputs[0] ?? "").shape];
  const after = inference.info(back.outputs[0] ?? "").shape;
  const groups = merged?.[1];
  if (!before || !after || !sameShape(before, after) || merged?.length !== 3 || typeof groups !== "number")
    return undefined;
  const inputs = [source, ...norm.inputs.slice(1)];
  const attributes = {
    num_groups: intAttribute(groups),
    epsilon: floatAttribute(attributesOf(norm).float("epsilon", 1e-5)),
  };
  const whole = makeNode("GroupNormalization", inputs, [back.outputs[0] ?? ""], attributes, back.name);
  return { parts: [node, norm, back], whole: { ...refused, node: whole, reason: "timeReduced" } };
}
