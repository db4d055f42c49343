import { floorMod } from "../base/floor-mod.ts";
import { rational, scaleExact, times } from "../base/rational.ts";
import type { StreamRule } from "../ops/op.ts";
import { overlapHistory } from "../ops/rules/overlap.ts";
import { DIRTY, NO_JUNK } from "./fact.ts";
import type { Flow, Transfer, TransferInput } from "./flow.ts";
import type { Guard } from "./guard.ts";
import { thenLength } from "./length-law.ts";

/**
 * Rows 16 and 18 of the transfer table: overlap-add with its input cached, so that every output frame is summed in one
 * piece, as offline. Frames before the first count as zeros. `holdChunk` as in `TransferInput`.
 */
export function overlap(
  rule: Extract<StreamRule, { kind: "overlap" }>,
  flow: Flow,
  { holdChunk, exactEnd }: Pick<TransferInput, "holdChunk" | "exactEnd">,
): Transfer {
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
  return {
    plan: {
      kind: "window",
      law: { history, extra: 0, carried: history, delayOut },
      ...(history > 0 && { fill: 0 }),
      ...(guarded && { guard }),
      ...(exactEnd && behind > 0 && { tail: 0 }),
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
