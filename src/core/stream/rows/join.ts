import { named } from "../../base/detail.ts";
import { equal, type Rational } from "../../base/rational.ts";
import type { NodePlan } from "../analysis.ts";
import { DIRTY, type Junk, NO_JUNK } from "../fact.ts";
import { refused, streamsOf, type Transfer, type TransferInput } from "../flow.ts";
import { delayedJunk, movedJunk, pointwiseJunk } from "../junk.ts";
import { type PositionLaw, positionLaw } from "../position-law.ts";

/** Rows 1–5 of the transfer table: frame by frame, with static operands that broadcast along time. */
export function pointwise(input: TransferInput): Transfer {
  const { operands, flows, resultShape } = input;
  if (!resultShape) return refused("shapeUnknown");
  let fromEnd: number | undefined;
  for (const [i, flow] of flows.entries()) {
    if (!flow) continue;
    const rank = operands[i]?.shape?.length;
    if (rank === undefined) return refused("shapeUnknown");
    const offset = flow.fact.axis - rank;
    if (fromEnd !== undefined && offset !== fromEnd) return refused("axesDiffer");
    fromEnd = offset;
  }
  if (fromEnd === undefined) throw new Error("pointwise without a stream");
  const positions = new Map<number, PositionLaw>();
  for (const [i, operand] of operands.entries()) {
    if (flows[i] || !operand) continue;
    if (!operand.shape) return refused("shapeUnknown");
    const axis = operand.shape.length + fromEnd;
    const extent = operand.shape[axis];
    if (extent === undefined || extent === 1) continue;
    const tensor = input.constant?.(i);
    const law = tensor && positionLaw(tensor, axis);
    if (!law)
      return refused("timeVaryingConstant", { code: "inputFrames", index: i, frames: String(extent) });
    positions.set(i, law);
  }
  return join(resultShape.length + fromEnd, input, pointwiseJunkOf, positions.size > 0 ? { positions } : {});
}

type JunkRule = (input: TransferInput, delayed: readonly (Junk | undefined)[], delay: number) => Junk;

const pointwiseJunkOf: JunkRule = (input, delayed, delay) =>
  pointwiseJunk(input.rules, input.operands, delayed, delay);

/** Junk of operators that move data. */
export const dataMovementJunk: JunkRule = (input, delayed, delay) => {
  const streams = delayed.filter((j) => j !== undefined);
  const output = input.rules.quant?.output;
  const moves = output === "same" || (output === "union" && streams.length === delayed.length);
  return moves ? movedJunk(delay, streams) : delay === 0 ? NO_JUNK : DIRTY;
};

/**
 * Inputs meet frame by frame: all are delayed to the latest. What a constant does before the last frame can only be
 * exact if the end is known by then: that may cost delay.
 */
export function join(
  axis: number,
  input: TransferInput,
  junkOf: JunkRule,
  more: Pick<Extract<NodePlan, { kind: "frames" }>, "rewrite" | "positions"> = {},
): Transfer {
  const streams = streamsOf(input);
  const first = streams[0];
  if (!first) throw new Error("join without a stream");
  const other = streams.find((f) => !equal(f.fact.rate, first.fact.rate));
  if (other) return refused("ratesDiffer", named(`${show(first.fact.rate)} ${show(other.fact.rate)}`));
  const latest = Math.max(...streams.map((f) => f.fact.delay));
  const ends = [...(more.positions ?? [])].map(([, law]) => (law.kind === "settling" ? law.end : 0));
  const end = Math.max(0, ...ends);
  const lag = Math.max(...streams.map((f) => f.lag + latest - f.fact.delay));
  const wait = input.exactEnd ? Math.max(0, end - lag) : 0;
  const delay = latest + wait;
  const align = input.flows.map((f) => (f ? delay - f.fact.delay : 0));
  const delayed = input.flows.map((f) => f && delayedJunk(f.fact.junk, delay - f.fact.delay));
  return {
    plan: { kind: "frames", align, ...more },
    flow: {
      fact: {
        kind: "stream",
        axis,
        rate: first.fact.rate,
        delay,
        junk: junkOf(input, delayed, delay),
        field: {
          past: Math.max(...streams.map((f) => f.fact.field.past)),
          future: Math.max(...streams.map((f) => f.fact.field.future)),
        },
        exact: first.fact.exact,
      },
      lag: lag + wait,
      length: first.length,
      cleanLag: Math.min(lag + wait - end, ...streams.map((f) => f.cleanLag + delay - f.fact.delay)),
      wrong: Math.max(...streams.map((f) => f.wrong)),
    },
  };
}

/** The same frames in several outputs, each with time on its own axis. */
export function spread(met: Transfer, axes: readonly number[] | undefined): Transfer {
  if (!axes || !("flow" in met)) return met;
  const { plan, flow } = met;
  return { plan, outputs: axes.map((axis) => ({ ...flow, fact: { ...flow.fact, axis } })) };
}

function show(r: Rational): string {
  return r.den === 1 ? String(r.num) : `${r.num}/${r.den}`;
}
