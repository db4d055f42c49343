import type { StreamRule } from "../ops/op.ts";
import type { Flow, PerStepOf, Transfer } from "./transfer.ts";

/**
 * Row 33 of the transfer table: an operator that carries a state over the frames of its inputs, which met as `met`.
 * Frames before the first true one must never reach the state.
 */
export function recurrent(
  rule: Extract<StreamRule, { kind: "recurrent" }>,
  used: readonly boolean[],
  met: Transfer,
): Transfer {
  if (!("flow" in met) || met.plan.kind !== "frames") return met;
  const { flow, plan } = met;
  const { delay } = flow.fact;
  if (delay > 0) return { refusal: { reason: "maskNeeded", detail: `delay ${delay}` } };
  const { states, dropped } = rule;
  const outputs: (Flow | PerStepOf | undefined)[] = [];
  for (const [i, output] of rule.outputs.entries()) {
    if (!used[i]) {
      outputs.push(undefined);
    } else if (output === "state") {
      // Behind padding at the end, offline has run over frames that no stream ever holds.
      if (flow.tailPadded) return { refusal: { reason: "maskNeeded", detail: "end" } };
      outputs.push(stateAfterStep(flow));
    } else {
      outputs.push(sequence(flow, output));
    }
  }
  return { plan: { kind: "recurrent", align: plan.align, states, dropped }, outputs };
}

function sequence(flow: Flow, axis: number): Flow {
  const field = { ...flow.fact.field, past: Number.POSITIVE_INFINITY };
  return { ...flow, fact: { ...flow.fact, axis, field } };
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
