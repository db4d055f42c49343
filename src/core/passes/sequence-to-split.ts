import { intAttribute, makeNode, type Node, type ValueName } from "../ir/graph.ts";
import { longTensor, type Tensor } from "../ir/tensor.ts";
import { consumersOf } from "../ir/walk.ts";
import { fromFront, knownInts, knownScalar } from "../ops/rules/operand.ts";
import type { InferenceResult } from "./infer-shapes.ts";
import { freshNames, type Pass } from "./pass.ts";

/** SplitToSequence whose parts are all picked by constant indices (torch's chunk and split) is a Split. */
export const sequenceToSplit: Pass = {
  name: "sequence-to-split",
  needs: ["SplitToSequence"],
  run({ model, inference }) {
    const readers = consumersOf(model.graph);
    const outputs = new Set(model.graph.outputs.map((o) => o.name));
    const fresh = freshNames(model);
    const removeNodes = new Set<Node>();
    const addNodes: Node[] = [];
    const setInitializers = new Map<ValueName, Tensor>();
    for (const node of model.graph.nodes) {
      const sequence = node.outputs[0] ?? "";
      const sizes =
        node.op === "SplitToSequence" && node.domain === "" ? partsOf(node, inference) : undefined;
      if (!sizes || outputs.has(sequence)) continue;
      const picks = (readers.get(sequence) ?? []).map((n) => ({ n, at: pickedPart(n, sizes, inference) }));
      if (picks.some(({ at }) => at === undefined)) continue;
      const parts = sizes.map((_, i) => fresh(`${sequence}.${i}`));
      const lengths = fresh(`${sequence}.lengths`);
      setInitializers.set(lengths, longTensor(sizes));
      addNodes.push(
        makeNode(
          "Split",
          [node.inputs[0] ?? "", lengths],
          parts,
          { axis: intAttribute(axisOf(node, inference)) },
          node.name,
        ),
      );
      removeNodes.add(node);
      for (const { n, at } of picks) {
        removeNodes.add(n);
        addNodes.push(makeNode("Identity", [parts[at ?? 0] ?? ""], [n.outputs[0] ?? ""], {}, n.name));
      }
    }
    return removeNodes.size === 0 ? undefined : { removeNodes, addNodes, setInitializers };
  },
};

function axisOf({ inputs, attributes }: Node, { info }: InferenceResult): number {
  const given = attributes.axis;
  return fromFront(given?.kind === "int" ? Number(given.value) : 0, info(inputs[0] ?? "").shape?.length ?? 0);
}

/** Extents of the parts, where they are known and keep the axis. */
function partsOf(node: Node, inference: InferenceResult): readonly number[] | undefined {
  const [x = "", split = ""] = node.inputs;
  const extent = inference.info(x).shape?.[axisOf(node, inference)];
  const keeps = node.attributes.keepdims;
  if (typeof extent !== "number" || (split === "" && keeps?.kind === "int" && keeps.value === 0n))
    return undefined;
  const { constant } = inference.info(split);
  const each =
    split === "" ? 1 : constant?.dims.length === 0 ? knownScalar(inference.info(split)) : undefined;
  if (each === undefined) return split === "" ? undefined : knownInts(inference.info(split));
  if (each <= 0) return undefined;
  return Array.from({ length: Math.ceil(extent / each) }, (_, i) => Math.min(each, extent - i * each));
}

/** Which part a reader picks; undefined for any other reader. */
function pickedPart(
  { op, domain, inputs }: Node,
  sizes: readonly number[],
  { info }: InferenceResult,
): number | undefined {
  const at = op === "SequenceAt" && domain === "" ? knownScalar(info(inputs[1] ?? "")) : undefined;
  const index = at !== undefined && at < 0 ? at + sizes.length : at;
  return index !== undefined && index >= 0 && index < sizes.length ? index : undefined;
}
