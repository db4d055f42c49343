import { attributesOf } from "../ir/attributes.ts";
import { type Attribute, intsAttribute, type Node, type Shape } from "../ir/graph.ts";
import { knownDims } from "../ops/rules/operand.ts";
import { explicitPads, extentOf, windowOf } from "../ops/rules/window.ts";
import type { InferenceResult } from "./infer-shapes.ts";
import type { Pass } from "./pass.ts";

const WINDOWED: ReadonlySet<string> = new Set(["Conv", "MaxPool", "AveragePool", "LpPool", "ConvTranspose"]);

/** Spells SAME and VALID padding as explicit pads wherever these do not depend on an unknown length. */
export const resolveAutoPad: Pass = {
  name: "resolve-auto-pad",
  needs: [...WINDOWED],
  run({ model, inference }) {
    const replaceNodes = new Map<Node, Node>();
    for (const node of model.graph.nodes) {
      if (node.domain !== "" || !WINDOWED.has(node.op) || !node.attributes.auto_pad) continue;
      const pads =
        node.op === "ConvTranspose" ? transposedPads(node, inference) : slidingPads(node, inference);
      if (!pads) continue;
      const { auto_pad: _, output_shape: __, ...rest } = node.attributes;
      const attributes: Record<string, Attribute> = { ...rest, pads: intsAttribute(pads) };
      replaceNodes.set(node, { ...node, attributes });
    }
    return replaceNodes.size === 0 ? undefined : { replaceNodes };
  },
};

function kernelAndSpatial(
  node: Node,
  inference: InferenceResult,
): { readonly kernel: readonly number[]; readonly spatial: Shape } | undefined {
  const x = inference.info(node.inputs[0] ?? "").shape;
  const weight = inference.info(node.inputs[1] ?? "").shape;
  const kernel = attributesOf(node).optionalInts("kernel_shape") ?? knownDims(weight?.slice(2));
  return kernel && { kernel, spatial: x?.slice(2) ?? kernel.map(() => null) };
}

function slidingPads(node: Node, inference: InferenceResult): readonly number[] | undefined {
  const at = kernelAndSpatial(node, inference);
  return at && explicitPads(windowOf(attributesOf(node), at.kernel), at.spatial);
}

/** For SAME the output is stride·n long, which leaves extent + output_padding − stride to cut, whatever n is. */
function transposedPads(node: Node, inference: InferenceResult): readonly number[] | undefined {
  const attributes = attributesOf(node);
  const at = kernelAndSpatial(node, inference);
  if (!at) return undefined;
  const w = windowOf(attributes, at.kernel);
  const outputPadding = attributes.ints("output_padding", []);
  if (attributes.has("output_shape")) return undefined;
  const none = at.kernel.map(() => 0);
  if (w.autoPad === "VALID") return [...none, ...none];
  if (w.autoPad === "NOTSET") return w.pads;
  const totals = at.kernel.map((_, i) => extentOf(w, i) + (outputPadding[i] ?? 0) - (w.strides[i] ?? 1));
  if (totals.some((t) => t < 0)) return undefined;
  const small = totals.map((t) => Math.floor(t / 2));
  const large = totals.map((t, i) => t - (small[i] ?? 0));
  return w.autoPad === "SAME_UPPER" ? [...small, ...large] : [...large, ...small];
}
