import { rational, times } from "../../base/rational.ts";
import type { StreamRule } from "../../ops/op.ts";
import { edgeCounts } from "../edge-counts.ts";
import { DIRTY, NO_JUNK } from "../fact.ts";
import { framesPerStep, needsGuard, refused, type Transfer, type TransferInput } from "../flow.ts";
import { guardedLaw } from "../guard.ts";
import { thenLength } from "../length-law.ts";
import { windowedLaw } from "../windowed-law.ts";

/** Rows 11–13 of the transfer table: a window slides over the only stream. */
export function window(rule: Extract<StreamRule, { kind: "window" }>, input: TransferInput): Transfer {
  const flow = input.flows[0];
  if (!flow || input.flows.some((f, i) => f && i > 0))
    return refused("timeVaryingConstant", { code: "weights" });
  const { kernel, stride, padStart, padEnd } = rule;
  const { delay, rate, field, exact } = flow.fact;
  const counts = rule.counted && edgeCounts({ ...rule, ...rule.counted }, input.exactEnd ?? false);
  const geometry = { kernel, stride, padStart, delay };
  const guarded = needsGuard(flow, padStart, rule.padValue);
  const { law, guard } = guarded
    ? guardedLaw(geometry, rule.padValue, framesPerStep(input, rate))
    : { law: windowedLaw(geometry), guard: undefined };
  const lagAfter = (lag: number): number =>
    Math.floor((lag - delay + padStart - kernel) / stride) + 1 + law.delayOut;
  const inputFrames = rate.den / rate.num;
  return {
    plan: {
      kind: "window",
      law,
      ...(padStart > 0 && { fill: rule.padValue }),
      ...(guard && { guard }),
      ...(input.exactEnd && padEnd > 0 && { tail: rule.padValue }),
      attributes: rule.attributes,
      ...(rule.constants && { constants: rule.constants }),
      ...(counts && { counts }),
    },
    flow: {
      fact: {
        kind: "stream",
        axis: rule.axis,
        rate: times(rate, rational(1, stride)),
        delay: law.delayOut,
        junk: law.delayOut === 0 ? NO_JUNK : DIRTY,
        field: {
          past: field.past + padStart * inputFrames,
          future: field.future + (kernel - 1 - padStart) * inputFrames,
        },
        exact,
      },
      lag: lagAfter(flow.lag + padEnd),
      length: thenLength(flow.length, { add: padStart + padEnd - kernel, divide: stride, plus: 1 }),
      cleanLag: lagAfter(flow.cleanLag),
      wrong: guard || flow.wrong > 0 ? Math.ceil((flow.wrong + padStart) / stride) : 0,
    },
  };
}
