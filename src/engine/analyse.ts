import { fail } from "../core/base/problem.ts";
import type { StreamAnalysis, TimeAxes } from "../core/stream/analysis.ts";
import { deriveFacts } from "../core/stream/facts.ts";
import { type AxisCandidates, axisCandidates } from "../core/stream/time-axis.ts";
import type { OpenedModel } from "./open-model.ts";

export interface Analysis {
  readonly stream: StreamAnalysis;
  readonly candidates: readonly AxisCandidates[];
}

/**
 * Facts of every value along the time axes: those given, else the ones that trying finds.
 * With no axis to stream along, the facts are all static and the candidates say why.
 */
export function analyse(opened: OpenedModel, axes?: TimeAxes): Analysis {
  const { normalized, inference } = opened;
  const found = axisCandidates(normalized, inference);
  const candidates = axes ? found.map((c) => chosenBy(c, axes)) : found;
  const stream = deriveFacts(normalized, inference, axesOf(candidates));
  return { stream, candidates };
}

/** Throws `stream.axisAmbiguous` or `stream.axisUnknown` unless some input streams. */
export function requireAxis({ candidates }: Analysis): void {
  if (candidates.some((c) => c.chosen !== undefined)) return;
  const asked = candidates.find((c) => c.because === "ambiguous");
  if (asked) fail({ code: "stream.axisAmbiguous", input: asked.input, axes: asked.streamable });
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
