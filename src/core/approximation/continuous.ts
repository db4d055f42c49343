import type { ValueName } from "../ir/graph.ts";
import { defineApproximation, type RefusedNode } from "./approximation-rule.ts";
import { reachOf } from "./placement.ts";

/** Streaming inputs of a node, with the frames that the file gives each; undefined if some length is open. */
function windowsOf({ node, analysis, inference }: RefusedNode) {
  const windows = new Map<ValueName, { readonly axis: number; readonly frames: number }>();
  for (const name of node.inputs) {
    const fact = analysis.facts.get(name);
    if (fact?.kind !== "stream") continue;
    const frames = inference.info(name).shape?.[fact.axis];
    if (typeof frames !== "number") return undefined;
    windows.set(name, { axis: fact.axis, frames });
  }
  return windows;
}

/** Whether nothing behind the node meets a stream: its results are single values from here on. */
function endsTime(refused: RefusedNode): boolean {
  return refused.node.outputs.every((name) => name === "" || reachOf(refused, name).joins.length === 0);
}

/**
 * For models of a fixed length: what stands before the node streams, and the node sees the newest frames of it, as many as
 * its file has. Where layers before it pad, they pad no more: scores differ from those of windows.
 */
export const continuous = defineApproximation(
  "continuous",
  (refused) => (windowsOf(refused) && endsTime(refused) ? { kind: "continuous" } : undefined),
  (refused, _, out) => {
    const { node } = refused;
    const windows = windowsOf(refused);
    if (!windows || !endsTime(refused)) return false;
    out.serve(node.outputs[0] ?? "");
    const newest = new Map([...windows].map(([x, w]) => [x, out.newest(x, w.axis, w.frames)]));
    out.replace(node, { ...node, inputs: node.inputs.map((name) => newest.get(name) ?? name) });
    return true;
  },
);
