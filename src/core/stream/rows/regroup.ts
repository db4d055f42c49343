import { floorMod } from "../../base/floor-mod.ts";
import { times } from "../../base/rational.ts";
import type { StreamRule } from "../../ops/op.ts";
import { only, refused, type Transfer, type TransferInput } from "../flow.ts";
import { delayedJunk, movedJunk } from "../junk.ts";
import { thenLength } from "../length-law.ts";

/** Rows 9, 10 and 28 of the transfer table: time folded into, or unfolded from, another axis. */
export function regroup(rule: Extract<StreamRule, { kind: "regroup" }>, input: TransferInput): Transfer {
  const flow = only(input);
  if (!flow) return refused("ratesDiffer");
  const { num, den } = rule.factor;
  const { delay, rate, field, junk, exact } = flow.fact;
  const wait = floorMod(-delay, den);
  const inputFrames = rate.den / rate.num;
  const out = ((delay + wait) * num) / den;
  return {
    plan: {
      kind: "frames",
      align: input.flows.map((f) => (f ? wait : 0)),
      ...(rule.rewrite && { rewrite: rule.rewrite }),
    },
    flow: {
      fact: {
        kind: "stream",
        axis: rule.axis,
        rate: times(rate, rule.factor),
        delay: out,
        junk: movedJunk(out, [delayedJunk(junk, wait)]),
        field: {
          past: field.past + ((num - 1) / num) * inputFrames,
          future: field.future + (den - 1) * inputFrames,
        },
        exact,
      },
      lag: Math.floor(((flow.lag + wait) * num) / den),
      length: thenLength(flow.length, { multiply: num, divide: den }),
      cleanLag: Math.floor(((flow.cleanLag + wait) * num) / den),
      wrong: Math.ceil((flow.wrong * num) / den),
    },
  };
}
