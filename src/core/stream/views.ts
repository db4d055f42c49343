import { type Node, nodeKey, type ValueName } from "../ir/graph.ts";
import type { Fill, StreamAnalysis } from "./analysis.ts";
import type { Extents } from "./extents.ts";
import { delayFill } from "./junk.ts";
import type { Cache } from "./module.ts";

/** Frames of a value that one reader needs, counted from the first frame of the current chunk. */
export interface View {
  readonly value: ValueName;
  readonly node: Node;
  /** Input of the node that the view feeds. */
  readonly input: number;
  /** First frame; negative frames come from earlier chunks. */
  readonly from: number;
  /** One past the last frame; at most the chunk's length. */
  readonly to: number;
  readonly use: Cache["readers"][number]["use"];
  /** What the frames before the stream must hold; undefined where no true frame reads them. */
  readonly fill?: Fill;
}

/** Frames of history that a view needs. */
export function historyOf(view: View): number {
  return Math.max(0, -view.from);
}

/** The views of a node's streaming inputs, for a given chunk. Nodes that vanish have none. */
export function viewsOf(analysis: StreamAnalysis, extents: Extents, node: Node): View[] {
  const plan = analysis.plans.get(node);
  const view = (input: number, from: number, cut: number, use: View["use"], fill?: Fill): View => {
    const value = node.inputs[input] ?? "";
    const to = extents.frames(value) - cut;
    return { value, node, input, from, to, use, ...(fill !== undefined && { fill }) };
  };
  switch (plan?.kind) {
    case "window": {
      const { law, fill } = plan;
      const use = law.carried < 0 ? "phase" : law.history === 0 ? "delay" : "window";
      return [view(0, -law.carried, law.extra, use, fill)];
    }
    case "frames":
      return node.inputs.flatMap((name, i) => {
        const fact = analysis.facts.get(name);
        if (fact?.kind !== "stream") return [];
        const frames = plan.align[i] ?? 0;
        return [view(i, -frames, frames, "delay", frames > 0 ? delayFill(fact.junk) : undefined)];
      });
    case "delay":
      return [view(streamInput(analysis, node), -plan.frames, plan.frames, "delay", plan.fill)];
    // Over several steps: from the first frame of the first window to the end.
    case "last": {
      const input = streamInput(analysis, node);
      const perStep = extents.frames(node.inputs[input] ?? "") / extents.steps;
      return [view(input, perStep - plan.frames, 0, "lastFrames")];
    }
    default:
      return [];
  }
}

/** Index of the only streaming input of a node. */
export function streamInput(analysis: StreamAnalysis, node: Node): number {
  const i = node.inputs.findIndex((name) => analysis.facts.get(name)?.kind === "stream");
  if (i < 0) throw new Error(`${nodeKey(node)} reads no stream`);
  return i;
}
