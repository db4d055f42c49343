import { stringAttribute } from "../ir/graph.ts";
import { defineApproximation, type RefusedNode } from "./approximation-rule.ts";

function isPad({ node, reason }: RefusedNode): boolean {
  return reason === "paddingMode" && "mode" in node.attributes;
}

/**
 * Zeros in place of mirrored or repeated frames: only what reads the padding, at the start and at the end, differs.
 */
export const zeroPad = defineApproximation(
  "zeroPad",
  (refused) => (isPad(refused) ? { kind: "zeroPad" } : undefined),
  (refused, _, out) => {
    if (!isPad(refused)) return false;
    const { node } = refused;
    out.serve(node.outputs[0] ?? "");
    const attributes = { ...node.attributes, mode: stringAttribute("constant") };
    // The value to pad with, if it is given, counts for this mode only.
    const inputs = node.inputs.map((name, i) => (i === 2 ? "" : name));
    out.replace(node, { ...node, inputs, attributes });
    return true;
  },
);
