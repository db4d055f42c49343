import { rational, times } from "../../base/rational.ts";
import type { StreamRule } from "../../ops/op.ts";
import { DIRTY, NO_JUNK } from "../fact.ts";
import { only, refused, type Transfer, type TransferInput } from "../flow.ts";
import { thenLength } from "../length-law.ts";

/**
 * Rows 21 and 22 of the transfer table: frames of the stream itself beyond its ends. Repeating the first frame costs no
 * delay; to mirror frames, all of them must have come.
 */
export function mirror(
  { mode, before, after }: Extract<StreamRule, { kind: "mirror" }>,
  input: TransferInput,
): Transfer {
  const flow = only(input);
  if (!flow) return refused("timeJoined");
  const { delay, rate, field } = flow.fact;
  const times = mode === "edge" ? 1 : 2;
  const out = delay + (times - 1) * before;
  const end = input.exactEnd === true && after > 0;
  const shift = times * before;
  const history = shift + (end ? times * after : 0);
  const more = before + out - delay;
  const inputFrames = rate.den / rate.num;
  return {
    plan:
      before === 0 && !end
        ? { kind: "alias" }
        : { kind: "mirror", reach: { mode, history, shift, more: 0, start: before > 0, end } },
    flow: {
      fact: {
        ...flow.fact,
        delay: out,
        junk: out === 0 ? NO_JUNK : DIRTY,
        field: {
          past: field.past + before * inputFrames,
          future: field.future + (times - 1) * before * inputFrames,
        },
      },
      lag: flow.lag + more + after,
      length: thenLength(flow.length, { plus: before + after }),
      cleanLag: Math.min(flow.cleanLag + more, flow.lag + more + after),
      wrong: flow.wrong > 0 ? flow.wrong + before : 0,
    },
  };
}

/** Row 28 of the transfer table, linear: each new frame lies between two neighbours, of which the later must have come. */
export function interpolate(
  { axis, factor, placed, rewrite }: Extract<StreamRule, { kind: "interpolate" }>,
  input: TransferInput,
): Transfer {
  const flow = only(input);
  if (!flow) return refused("ratesDiffer");
  const { delay, rate, field, exact } = flow.fact;
  const half = placed === "halfPixel";
  const late = half ? Math.floor(factor / 2) : factor - 1;
  const end = input.exactEnd ?? false;
  const inputFrames = rate.den / rate.num;
  const middle = Math.ceil(factor / 2);
  const lag = factor * flow.lag + late;
  return {
    plan: {
      kind: "interpolate",
      reach: { mode: "edge", history: 1, shift: 1, more: 1, start: half, end },
      factor,
      cut: factor - late,
      ...(rewrite && { rewrite }),
    },
    flow: {
      fact: {
        kind: "stream",
        axis,
        rate: times(rate, rational(factor, 1)),
        delay: factor * delay + late,
        junk: DIRTY,
        field: {
          past: field.past + (half ? 1 + (middle - 1) / factor : (factor - 1) / factor) * inputFrames,
          future: field.future + (1 - (half ? middle : 1) / factor) * inputFrames,
        },
        exact,
      },
      lag,
      length: thenLength(flow.length, { multiply: factor }),
      cleanLag: Math.min(factor * flow.cleanLag, lag),
      wrong: flow.wrong > 0 ? factor * flow.wrong + late : 0,
    },
  };
}
