import type { StreamRule } from "../../ops/op.ts";
import {
  only,
  type PerStepOf,
  type Refusal,
  readsTail,
  refused,
  type Transfer,
  type TransferInput,
} from "../flow.ts";

/** Rows 25 and 30 of the transfer table: a window of the newest frames, once per step. */
export function lastFrames(
  { frames, single, newest }: Extract<StreamRule, { kind: "lastFrames" }>,
  input: TransferInput,
): Transfer {
  const flow = only(input);
  if (!flow) return refused("perStepMixed");
  if (readsTail(flow) && !newest) return refused("maskNeeded", { code: "atEnd" });
  // Offline ends before the stream does: its last frames are not the newest that the stream holds.
  if (flow.lag < 0) return refused("timeIndexed", { code: "cutAtEnd", frames: -flow.lag });
  const { rate, delay, field, exact } = flow.fact;
  return {
    plan: { kind: "last", frames, ...(single && { single }) },
    perStep: {
      kind: "perStep",
      rate,
      delay: flow.lag,
      windowFrames: delay + frames,
      field: { past: field.past + ((frames - 1) * rate.den) / rate.num, future: field.future },
      exact,
    },
  };
}

/** Per-step values that meet: they must end at the same moment of the input. */
export function joinPerStep(facts: readonly PerStepOf[]): PerStepOf | Refusal {
  const [first, ...rest] = facts;
  if (!first) throw new Error("no per-step input");
  const lagOf = (f: PerStepOf): number => (f.delay * f.rate.den) / f.rate.num;
  const other = rest.find((f) => lagOf(f) !== lagOf(first));
  if (other)
    return {
      reason: "perStepMixed",
      detail: { code: "delaysDiffer", one: lagOf(first), other: lagOf(other) },
    };
  const needs = facts.map((f) => (f.windowFrames * f.rate.den) / f.rate.num);
  return {
    ...first,
    windowFrames: Math.ceil((Math.max(...needs) * first.rate.num) / first.rate.den),
    field: {
      past: Math.max(...facts.map((f) => f.field.past)),
      future: Math.max(...facts.map((f) => f.field.future)),
    },
  };
}
