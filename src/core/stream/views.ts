import { type Node, nodeKey, type ValueName } from "../ir/graph.ts";
import type { Fill, StreamAnalysis } from "./analysis.ts";
import type { Extents } from "./extents.ts";
import type { StreamFact } from "./fact.ts";
import type { Guard } from "./guard.ts";
import { delayFill } from "./junk.ts";
import type { LengthLaw } from "./length-law.ts";
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
  /** Frames of the value that are junk: the reader must see `fill` in their place. */
  readonly mask?: { readonly junkFrames: number; readonly fill: Fill };
  /** Frames of the value lag offline by `delay`; behind the last the reader must see `fill`. */
  readonly tail?: { readonly delay: number; readonly length: LengthLaw; readonly fill: Fill };
  /** The history keeps its initial contents for `steps` steps. */
  readonly hold?: Hold;
}

export interface Hold {
  readonly steps: number;
  /** What the history is of, if not of the value as it arrives: the value some frames late. */
  readonly late?: View;
}

/** Frames of history that a view needs. */
export function historyOf(view: View): number {
  return Math.max(0, -view.from);
}

/** The views of a node's streaming inputs, for a given chunk. Nodes that vanish have none. */
export function viewsOf(analysis: StreamAnalysis, extents: Extents, node: Node): View[] {
  const plan = analysis.plans.get(node);
  const views = startedViews(analysis, extents, node);
  const tail = plan && "tail" in plan ? plan.tail : undefined;
  const ofValues = (view: View) => plan?.kind === "attention" && plan.operands[view.input]?.kind === "value";
  return views.map((view) => {
    const fill = analysis.exactEnd && ofValues(view) ? 0 : tail;
    if (fill === undefined) return view;
    const name = node.inputs[view.input] ?? "";
    const fact = analysis.facts.get(name);
    const length = analysis.lengths.get(name);
    if (fact?.kind !== "stream" || !length) throw new Error(`${name} does not stream`);
    const late = view.hold?.late?.from ?? 0;
    return { ...view, tail: { delay: fact.delay - late, length, fill } };
  });
}

function startedViews(analysis: StreamAnalysis, extents: Extents, node: Node): View[] {
  const plan = analysis.plans.get(node);
  const view = (input: number, from: number, cut: number, use: View["use"], fill?: Fill): View => {
    const value = node.inputs[input] ?? "";
    const to = extents.frames(value) - cut;
    return { value, node, input, from, to, use, ...(fill !== undefined && { fill }) };
  };
  const guarded = (
    input: number,
    { carried, extra }: { readonly carried: number; readonly extra: number },
    use: View["use"],
    { fill, junkFrames, wait }: Guard,
  ): View => {
    switch (analysis.warmUp) {
      case "hold": {
        const frames = extents.frames(node.inputs[input] ?? "");
        if (junkFrames % frames !== 0) throw new Error(`${nodeKey(node)} cannot be held at this chunk`);
        const late = wait > 0 && { late: view(input, -wait, wait, "delay") };
        const hold = { steps: junkFrames / frames, ...late };
        return { ...view(input, -carried, extra, use, fill), hold };
      }
      case "mask": {
        const mask = { fill, junkFrames: junkFrames - wait };
        return { ...view(input, -carried - wait, extra + wait, use), mask };
      }
      // What the masked graph keeps, as it is once nothing is masked any more.
      case "two-graph":
        return view(input, -carried - wait, extra + wait, use);
      default:
        return view(input, -carried - wait, extra + wait, use, fill);
    }
  };
  switch (plan?.kind) {
    case "window": {
      const { law, fill, guard } = plan;
      const use = law.carried < 0 ? "phase" : law.history === 0 ? "delay" : "window";
      if (guard) return [guarded(0, law, use, guard)];
      return [view(0, -law.carried, law.extra, use, fill)];
    }
    case "frames":
    case "recurrent":
      return node.inputs.flatMap((name, i) => {
        const fact = analysis.facts.get(name);
        if (fact?.kind !== "stream") return [];
        const frames = plan.align[i] ?? 0;
        return [view(i, -frames, frames, "delay", frames > 0 ? delayFill(fact.junk) : undefined)];
      });
    case "carry":
    case "accumulate": {
      const { junkFrames = 0, wait = 0 } = plan.guard ?? {};
      const late = view(0, -wait, wait, "delay");
      return [
        plan.guard && analysis.warmUp === "mask"
          ? { ...late, mask: { junkFrames: junkFrames - wait, fill: 0 } }
          : late,
      ];
    }
    case "delay": {
      const { frames, fill, guard } = plan;
      const input = streamInput(analysis, node);
      if (guard) return [guarded(input, { carried: frames, extra: frames }, "delay", guard)];
      return [view(input, -frames, frames, "delay", fill)];
    }
    case "attention": {
      const { history } = plan.frame;
      return plan.operands.flatMap((operand, i): View[] => {
        switch (operand.kind) {
          case "query":
            return [view(i, -operand.late, operand.late, "delay")];
          case "key":
            return [view(i, -history - operand.late, operand.late, "attention")];
          case "value": {
            // Their weights are zero, but zero times what is no number is none.
            const { delay } = streamFact(analysis, node.inputs[i] ?? "");
            const wide = view(i, -history - operand.late, operand.late, "attention");
            return [delay > 0 ? { ...wide, mask: { junkFrames: delay, fill: 0 } } : { ...wide, fill: 0 }];
          }
          default:
            return [];
        }
      });
    }
    case "mirror":
    case "interpolate":
      return [view(streamInput(analysis, node), -plan.reach.history, 0, "window")];
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

function streamFact(analysis: StreamAnalysis, value: string): Extract<StreamFact, { kind: "stream" }> {
  const fact = analysis.facts.get(value);
  if (fact?.kind !== "stream") throw new Error(`${value} does not stream`);
  return fact;
}

/** Index of the only streaming input of a node. */
export function streamInput(analysis: StreamAnalysis, node: Node): number {
  const i = node.inputs.findIndex((name) => analysis.facts.get(name)?.kind === "stream");
  if (i < 0) throw new Error(`${nodeKey(node)} reads no stream`);
  return i;
}
