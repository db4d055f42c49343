import { fail } from "../core/base/problem.ts";
import type { StreamAnalysis, TimeAxes } from "../core/stream/analysis.ts";
import { deriveFacts } from "../core/stream/facts.ts";
import { type AxisCandidates, axisCandidates, nearestAxes } from "../core/stream/time-axis.ts";
import type { OpenedModel } from "./open-model.ts";

export interface Analysis {
  readonly stream: StreamAnalysis;
  readonly candidates: readonly AxisCandidates[];
}

/**
 * Facts of every value along the time axes: those given, else the ones that trying finds. If the model streams along
 * none, no candidate is chosen and the facts and refusals are those of the axes along which it comes nearest.
 */
export function analyse(opened: OpenedModel, axes?: TimeAxes): Analysis {
  const { normalized, inference } = opened;
  const found = axisCandidates(normalized, inference);
  const candidates = axes ? found.map((c) => chosenBy(c, axes)) : found;
  const hopeless = !axes && candidates.every((c) => c.because === "none");
  const nearest = hopeless ? nearestAxes(normalized, inference) : undefined;
  const stream = deriveFacts(normalized, inference, nearest ?? axesOf(candidates));
  return { stream, candidates };
}

/** Throws `stream.axisAmbiguous`, the first refusal or `stream.axisUnknown` unless some input streams. */
export function requireAxis({ candidates, stream }: Analysis): void {
  if (candidates.some((c) => c.chosen !== undefined)) return;
  const asked = candidates.find((c) => c.because === "ambiguous");
  if (asked) fail({ code: "stream.axisAmbiguous", input: asked.input, axes: asked.streamable });
  const [refusal] = stream.refusals;
  if (refusal) fail(refusal.problem);
  fail({ code: "stream.axisUnknown", input: candidates[0]?.input ?? "" });
}

/** Time axes by input, of the candidates that were chosen. */
export function axesOf(candidates: readonly AxisCandidates[]): TimeAxes {
  return Object.fromEntries(
    candidates.flatMap((c) => (c.chosen === undefined ? [] : [[c.input, c.chosen] as const])),
  );
}

function chosenBy({ input, streamable }: AxisCandidates, axes: TimeAxes): AxisCandidates {
  const chosen = axes[input];
  return chosen === undefined
    ? { input, because: "none", streamable }
    : { input, chosen, because: "user", streamable };
}
