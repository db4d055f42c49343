import { intAttribute, makeNode, type Node, type ValueName } from "../ir/graph.ts";
import type { OpDefinition, OpRules } from "./op.ts";
import { inferred } from "./rules/operand.ts";
import { unaryAlong } from "./rules/time.ts";

/** Operators that stand in approximated models only: what is written to a file has none of them. */
export const INNER_DOMAIN = "rill";

/**
 * The newest frames of a stream, once per step. As a Slice of negative start, but of known extent, and of what the stream
 * holds: where offline has more frames behind them that read padding, those do not count.
 */
export const lastFramesOp: OpDefinition = {
  op: "LastFrames",
  domain: INNER_DOMAIN,
  doc: "The newest frames of a stream, once per step.",
  bind(attributes): OpRules {
    const axis = attributes.int("axis", 0);
    const frames = attributes.int("frames", 1);
    return {
      infer: ([x]) => [
        inferred(
          x?.dtype,
          x?.shape?.map((d, i) => (i === axis ? frames : d)),
        ),
      ],
      stream: (context) =>
        unaryAlong(context, (own) =>
          own === axis ? { kind: "lastFrames", frames, newest: true } : { kind: "perFrame", axis: own },
        ),
      quant: { inputs: ["activation"], output: "same" },
    };
  },
};

/** A node that takes the newest frames of `x`. */
export function makeLastFrames(x: ValueName, y: ValueName, axis: number, frames: number): Node {
  const attributes = { axis: intAttribute(axis), frames: intAttribute(frames) };
  return { ...makeNode("LastFrames", [x], [y], attributes), domain: INNER_DOMAIN };
}
