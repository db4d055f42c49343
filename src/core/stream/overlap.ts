import { floorMod } from "../base/floor-mod.ts";
import { rational, scaleExact, times } from "../base/rational.ts";
import type { Shape } from "../ir/graph.ts";
import type { StreamRule } from "../ops/op.ts";
import { overlapHistory } from "../ops/rules/overlap.ts";
import { DIRTY, NO_JUNK } from "./fact.ts";
import type { Flow, Transfer, TransferInput } from "./flow.ts";
import type { Guard } from "./guard.ts";
import { thenLength } from "./length-law.ts";

/** Input-cached sums are bit for bit those of offline, and quantize; four times the memory is too much for that. */
const WORTH_CARRYING = 4;

/**
 * Rows 16 to 18 of the transfer table: overlap-add with its input cached, so that every output frame is summed in one
 * piece, as offline; or its unfinished output, where that is much smaller. Frames before the first count as zeros. `holdChunk` as in `TransferInput`.
 */
export function overlap(
  rule: Extract<StreamRule, { kind: "overlap" }>,
  flow: Flow,
  input: Pick<TransferInput, "holdChunk" | "exactEnd" | "operands" | "resultShape">,
): Transfer {
  const { holdChunk, exactEnd } = input;
  const { kernel, stride, padStart, padEnd, outputPadding } = rule;
  const { junk, rate, field, exact } = flow.fact;
  const history = overlapHistory(kernel, stride);
  const guarded = history > 0 && flow.fact.delay > 0 && !(junk.kind === "const" && junk.value === 0);
  const framesPerStep = guarded && holdChunk !== undefined ? scaleExact(rate, holdChunk) : undefined;
  const wait = framesPerStep === undefined ? 0 : floorMod(-flow.fact.delay, framesPerStep);
  const delay = flow.fact.delay + wait;
  const guard: Guard = { fill: 0, padStart: history, junkFrames: delay, wait };
  const delayOut = stride * delay + padStart;
  const behind = kernel - stride - padEnd + outputPadding;
  const lag = stride * (flow.lag + wait) + behind;
  const inputFrames = rate.den / rate.num;
  const edges = { ...(guarded && { guard }), ...(exactEnd && behind > 0 && { tail: 0 }) };
  return {
    plan: carriesLess(rule, flow.fact.axis, input)
      ? { kind: "carry", open: kernel - stride, attributes: rule.openAttributes, ...edges }
      : {
          kind: "window",
          law: { history, extra: 0, carried: history, delayOut },
          ...(history > 0 && { fill: 0 }),
          ...edges,
          attributes: rule.attributes,
        },
    flow: {
      fact: {
        kind: "stream",
        axis: rule.axis,
        rate: times(rate, rational(stride, 1)),
        delay: delayOut,
        junk: delayOut === 0 ? NO_JUNK : DIRTY,
        field: {
          past: field.past + (Math.max(0, kernel - 1 - padStart) / stride) * inputFrames,
          future: field.future + (padStart / stride) * inputFrames,
        },
        exact,
      },
      lag,
      length: thenLength(flow.length, {
        multiply: stride,
        plus: kernel - stride - padStart - padEnd + outputPadding,
      }),
      cleanLag: Math.min(stride * (flow.cleanLag + wait), lag),
      wrong: wrongFrames(rule, flow.wrong, guarded),
    },
  };
}

/**
 * Whether unfinished output frames are so much smaller than the input frames that make them (a synthesis filter bank)
 * that adding up in another order is worth it.
 */
function carriesLess(
  { kernel, stride, axis }: Extract<StreamRule, { kind: "overlap" }>,
  inputAxis: number,
  { operands, resultShape }: Pick<TransferInput, "operands" | "resultShape">,
): boolean {
  const perFrame = (shape: Shape | undefined, time: number): number =>
    (shape ?? []).reduce<number>((n, d, i) => (i !== time && typeof d === "number" ? n * d : n), 1);
  const kept = overlapHistory(kernel, stride) * perFrame(operands[0]?.shape, inputAxis);
  const carried = (kernel - stride) * perFrame(resultShape, axis);
  return carried > 0 && kept >= WORTH_CARRYING * carried;
}

/** First frames that may differ if frames before the first are not taken for zeros (reference: §5.5 of the theory). */
function wrongFrames(
  { kernel, stride, padStart }: Extract<StreamRule, { kind: "overlap" }>,
  wrong: number,
  guarded: boolean,
): number {
  const inherited = wrong > 0 ? (wrong - 1) * stride + kernel - padStart : 0;
  const own = guarded ? kernel - stride - padStart : 0;
  return Math.max(0, inherited, own);
}
