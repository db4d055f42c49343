import type { ValueName } from "../ir/graph.ts";
import { defineApproximation, type RefusedNode } from "./approximation-rule.ts";

/** Length of the streaming inputs as the file declares it, if all have the same. */
function declaredFrames({ analysis, inference }: RefusedNode): number | undefined {
  const lengths = Object.entries(analysis.axes).map(([name, axis]) => inference.info(name).shape?.[axis]);
  const [first] = lengths;
  return typeof first === "number" && lengths.every((n) => n === first) ? first : undefined;
}

/** The whole model on the newest input frames, again at every step: what a model of a fixed length is defined as. */
export const windowExact = defineApproximation(
  "windowExact",
  (refused) => {
    const frames = declaredFrames(refused);
    return frames === undefined ? undefined : { kind: "windowExact", frames };
  },
  (refused, { frames }, out) => {
    const { model, analysis } = refused;
    const declared = declaredFrames(refused);
    // A file of a fixed length has it baked into constants.
    if (declared !== undefined && declared !== frames) return false;
    const windows = new Map<ValueName, ValueName>();
    for (const [name, axis] of Object.entries(analysis.axes)) {
      out.serve(name);
      windows.set(name, out.newest(name, axis, frames));
    }
    for (const node of model.graph.nodes) {
      if (!node.inputs.some((name) => windows.has(name))) continue;
      out.replace(node, { ...node, inputs: node.inputs.map((name) => windows.get(name) ?? name) });
    }
    return true;
  },
);
