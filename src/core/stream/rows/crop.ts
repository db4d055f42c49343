import type { StreamRule } from "../../ops/op.ts";
import { addDims, subtractDims } from "../../ops/rules/dim.ts";
import { DIRTY, NO_JUNK } from "../fact.ts";
import { framesPerStep, needsGuard, only, refused, type Transfer, type TransferInput } from "../flow.ts";
import { guardedLaw } from "../guard.ts";
import { thenLength } from "../length-law.ts";
import { windowedLaw } from "../windowed-law.ts";

/** Rows 20, 23 and 26 of the transfer table: the first frames are dropped. */
export function crop(
  { start, trimmed = 0 }: Extract<StreamRule, { kind: "crop" }>,
  input: TransferInput,
): Transfer {
  const flow = only(input);
  if (!flow || trimmed > Math.max(0, flow.lag)) return refused("timeIndexed");
  const { axis, rate, field, delay, junk } = flow.fact;
  const had = input.operands[input.flows.indexOf(flow)]?.shape?.[axis] ?? null;
  const kept = addDims(input.resultShape?.[axis] ?? null, start);
  const cutAtEnd = subtractDims(had, kept);
  const lag = flow.lag - (typeof cutAtEnd === "number" ? cutAtEnd : 0);
  const shift = (start * rate.den) / rate.num;
  return {
    plan: { kind: "alias", start },
    flow: {
      ...flow,
      fact: {
        ...flow.fact,
        delay: delay + start,
        junk: start === 0 ? junk : DIRTY,
        field: { past: field.past - shift, future: field.future + shift },
      },
      lag,
      length: thenLength(flow.length, { plus: lag - flow.lag - start }),
      cleanLag: Math.min(flow.cleanLag, lag),
      wrong: Math.max(0, flow.wrong - start),
    },
  };
}

/** Rows 19 and 27 of the transfer table: constant frames in front of the first and behind the last. */
export function extend(rule: Extract<StreamRule, { kind: "extend" }>, input: TransferInput): Transfer {
  const flow = only(input);
  if (!flow) return refused("timeJoined");
  const { before, after, value } = rule;
  const { delay, junk, rate, field } = flow.fact;
  // As a window of one frame that is padded in front.
  const geometry = { kernel: 1, stride: 1, padStart: before, delay };
  const { law, guard } = needsGuard(flow, before, value)
    ? guardedLaw(geometry, value, framesPerStep(input, rate))
    : { law: windowedLaw(geometry), guard: undefined };
  const { carried: frames, delayOut: out } = law;
  const more = before + out - delay;
  const tail = input.exactEnd && after > 0 ? { tail: value } : undefined;
  const shift = (before * rate.den) / rate.num;
  return {
    plan:
      frames === 0 && !guard && !tail
        ? { kind: "alias" }
        : { kind: "delay", frames, fill: value, ...(guard && { guard }), ...tail },
    flow: {
      fact: {
        ...flow.fact,
        delay: out,
        junk: out === 0 ? NO_JUNK : before < 0 ? DIRTY : junk,
        field: { past: field.past + shift, future: field.future - shift },
      },
      lag: flow.lag + more + after,
      length: thenLength(flow.length, { plus: before + after }),
      cleanLag: Math.min(flow.cleanLag + more, flow.lag + more + after),
      wrong: guard || flow.wrong > 0 ? Math.max(0, flow.wrong + before) : 0,
    },
  };
}
