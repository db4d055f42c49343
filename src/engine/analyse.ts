import {
  type Approximated,
  approximate,
  bestApproximations,
  chosenIn,
  withOffers,
} from "../core/approximation/approximate.ts";
import { fail } from "../core/base/problem.ts";
import { rational } from "../core/base/rational.ts";
import type { Approximations } from "../core/plan/approximation.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { InputPaces, StreamAnalysis, TimeAxes } from "../core/stream/analysis.ts";
import { deriveAtPaces } from "../core/stream/input-paces.ts";
import { type AxisCandidates, axisCandidates, nearestAxes } from "../core/stream/time-axis.ts";
import { type OpenedModel, requireFloat } from "./open-model.ts";

export interface Analysis {
  readonly stream: StreamAnalysis;
  readonly candidates: readonly AxisCandidates[];
  /** The model that streams: as opened, or with approximations in the place of what cannot. */
  readonly opened: OpenedModel;
  /** Present if something was approximated. */
  readonly approximation?: Approximation;
}

/** What was approximated, and in what. */
export interface Approximation {
  /** The model as it was opened. */
  readonly source: OpenedModel;
  readonly applied: Approximated["applied"];
  /** Keys of the nodes that make up the replacements: they stay in float. */
  readonly inner: readonly string[];
  /** Asked for, but nothing is refused there, or the parameters do not fit. */
  readonly unused: Approximations;
}

/**
 * Facts of every value along the time axes: those given, else the ones that trying finds. If the model streams along
 * none, no candidate is chosen and the facts and refusals are those of the axes along which it comes nearest. With
 * approximations, of the model in which they were put. Throws `model.quantized` for a file of integers.
 */
export function analyse(
  opened: OpenedModel,
  axes?: TimeAxes,
  approximations: Approximations = {},
  rates: Plan["rates"] = {},
): Analysis {
  requireFloat(opened);
  const key = JSON.stringify([axes, approximations, rates]);
  const last = lastAnalysis.get(opened);
  if (last?.key === key) return last.analysis;
  const analysis = derived(opened, axes, approximations, rates);
  lastAnalysis.set(opened, { key, analysis });
  return analysis;
}

/** Of each model the last one: marks, chunks and targets change nothing of it. */
const lastAnalysis = new WeakMap<OpenedModel, { readonly key: string; readonly analysis: Analysis }>();

/** The axes that trying finds do not depend on any plan. */
const foundAxes = new WeakMap<OpenedModel, readonly AxisCandidates[]>();

function derived(
  opened: OpenedModel,
  axes: TimeAxes | undefined,
  approximations: Approximations,
  rates: Plan["rates"],
): Analysis {
  const { normalized, inference } = opened;
  const found = foundAxes.get(opened) ?? axisCandidates(normalized, inference);
  foundAxes.set(opened, found);
  const candidates = axes ? found.map((c) => chosenBy(c, axes)) : found;
  const hopeless = !axes && candidates.every((c) => c.because === "none");
  const nearest = hopeless ? nearestAxes(normalized, inference) : undefined;
  const along = nearest ?? axesOf(candidates);
  const paces = pacesOf(rates);
  const exact = () => deriveAtPaces(normalized, inference, along, paces && { paces });
  if (Object.keys(approximations).length === 0)
    return { stream: withOffers({ model: normalized, inference, analysis: exact() }), candidates, opened };
  const choice = chosenIn(approximations);
  const { model, ...made } = approximate(normalized, inference, along, choice, paces);
  const { applied, inner } = made;
  const used = new Set(applied.map((a) => a.node));
  const unused = Object.fromEntries(Object.entries(approximations).filter(([node]) => !used.has(node)));
  return {
    stream: made.offered,
    candidates,
    opened: { ...opened, normalized: model, inference: made.inference },
    approximation: { source: opened, applied, inner, unused },
  };
}

/** For every refused node on the way to the outputs, what can stand in for it best. */
export function approximateAll({ normalized, inference }: OpenedModel, axes: TimeAxes): Approximations {
  return bestApproximations(normalized, inference, axes);
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

/** Paces that a plan declares; undefined if it declares none: they are to be found. */
function pacesOf(rates: Plan["rates"] = {}): InputPaces | undefined {
  const declared = Object.entries(rates);
  if (declared.length === 0) return undefined;
  return Object.fromEntries(
    declared.map(([name, { frames, per, delay }]) => [name, { rate: rational(frames, per), delay }] as const),
  );
}

function chosenBy({ input, streamable }: AxisCandidates, axes: TimeAxes): AxisCandidates {
  const chosen = axes[input];
  return chosen === undefined
    ? { input, because: "none", streamable }
    : { input, chosen, because: "user", streamable };
}
