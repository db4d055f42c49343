import { floorMod } from "../base/floor-mod.ts";
import { scaleExact } from "../base/rational.ts";
import type { StreamRule } from "../ops/op.ts";
import { DIRTY } from "./fact.ts";
import { type Flow, type PerStepOf, readsTail, type Transfer, type TransferInput } from "./flow.ts";
import type { Guard } from "./guard.ts";

/**
 * Row 33 of the transfer table: an operator that carries a state over the frames of its inputs, which met as `met`. No
 * frame from before the first may reach the state: they are delayed to fill whole steps, and the state is held so long.
 */
export function recurrent(
  rule: Extract<StreamRule, { kind: "recurrent" }>,
  { flows, used, stateChunk }: TransferInput,
  met: Transfer,
): Transfer {
  if (!("flow" in met) || met.plan.kind !== "frames") return met;
  const { states, dropped } = rule;
  const guard = guardOf(met.flow, stateChunk);
  const wait = guard?.wait ?? 0;
  const flow = later(met.flow, wait);
  const align = met.plan.align.map((frames, i) => (flows[i] ? frames + wait : 0));
  const outputs: (Flow | PerStepOf | undefined)[] = [];
  for (const [i, output] of rule.outputs.entries()) {
    if (!used[i]) {
      outputs.push(undefined);
    } else if (output === "state") {
      // Offline has then run over padding behind the end, or stopped before it.
      if (readsTail(flow) || flow.lag < 0)
        return { refusal: { reason: "maskNeeded", detail: { code: "atEnd" } } };
      outputs.push(stateAfterStep(flow));
    } else {
      outputs.push(sequence(flow, output));
    }
  }
  return { plan: { kind: "recurrent", align, states, dropped, ...(guard && { guard }) }, outputs };
}

function guardOf({ fact: { delay, rate } }: Flow, stateChunk: number | undefined): Guard | undefined {
  if (delay === 0) return undefined;
  const framesPerStep = stateChunk === undefined ? undefined : scaleExact(rate, stateChunk);
  const wait = framesPerStep === undefined ? 0 : floorMod(-delay, framesPerStep);
  return { fill: 0, padStart: 1, junkFrames: delay + wait, wait, keepsState: true };
}

/** The same stream, `wait` frames later. */
function later(flow: Flow, wait: number): Flow {
  const { fact } = flow;
  if (fact.delay === 0) return flow;
  return {
    ...flow,
    fact: { ...fact, delay: fact.delay + wait, junk: DIRTY },
    lag: flow.lag + wait,
    cleanLag: flow.cleanLag + wait,
  };
}

/** What differs once differs ever after. */
function sequence(flow: Flow, axis: number): Flow {
  const endless = Number.POSITIVE_INFINITY;
  const field = { ...flow.fact.field, past: endless };
  return { ...flow, fact: { ...flow.fact, axis, field }, wrong: flow.wrong > 0 ? endless : 0 };
}

function stateAfterStep({ fact, lag }: Flow): PerStepOf {
  const { rate, delay, field, exact } = fact;
  return {
    kind: "perStep",
    rate,
    delay: lag,
    windowFrames: delay + 1,
    field: { past: Number.POSITIVE_INFINITY, future: field.future },
    exact,
  };
}
