import type { Model, ValueName } from "../ir/graph.ts";
import { realInputs } from "../ir/walk.ts";
import type { Inference, NodePlan, RulesOf, StreamAnalysis, TimeAxes } from "./analysis.ts";
import { deriveFacts } from "./facts.ts";
import { deriveAtPaces } from "./input-paces.ts";

/** What the analysis says about the time axis of one model input. */
export interface AxisCandidates {
  readonly input: ValueName;
  readonly chosen?: number;
  /** Why `chosen` was chosen, or why none was. */
  readonly because: "symbolic" | "onlyStreamable" | "user" | "none" | "ambiguous";
  /** Axes along which the whole model streams. */
  readonly streamable: readonly number[];
}

/** Combinations of axes that are worth trying. */
const MOST_PROPOSALS = 16;

interface Trial {
  readonly axes: TimeAxes;
  readonly symbolic: boolean;
  /** Some operator looks at more than one frame: along a batch axis none does. */
  readonly mixesTime: boolean;
}

/**
 * Finds the time axes of the model inputs by trying: every symbolic dimension, then every dimension longer than 1. Inputs
 * that share a dimension (the same symbol, or the same length) stream together; if nothing streams so, one axis of each. A trial counts if nothing is refused and
 * some output streams; symbolic axes win over fixed ones, and axes along which operators look back over those (a batch)
 * along which they do not.
 */
export function axisCandidates(
  model: Pick<Model, "graph">,
  inference: Inference,
  rulesOf?: RulesOf,
): AxisCandidates[] {
  const inputs = realInputs(model.graph).map((v) => v.name);
  const proposals = proposedAxes(inputs, inference);
  const tried =
    (tables: boolean) =>
    ({ axes, symbolic }: Omit<Trial, "mixesTime">): Trial[] => {
      const options = { ...(rulesOf && { rulesOf }), tables };
      const analysis = deriveAtPaces(model, inference, axes, options);
      return streams(analysis) ? [{ axes, symbolic, mixesTime: mixesTime(analysis) }] : [];
    };
  // A constant per channel makes no time axis of the channels, as long as there is another.
  const trying: readonly (() => Trial[])[] = [
    () => proposals.flatMap(tried(false)),
    () => axesAtDifferentRates(inputs, inference).flatMap(tried(false)),
    () => proposals.flatMap(tried(true)),
  ];
  let trials: readonly Trial[] = [];
  for (const attempt of trying) if (trials.length === 0) trials = attempt();
  const best = preferred(trials);
  const only = best[0];
  const isBatch = only !== undefined && !only.mixesTime && looksLikeBatch(only.axes, inference);
  const isDoubtful = isBatch || (only !== undefined && !only.symbolic && proposals.some(declaredTime));
  return inputs.map((input) => {
    const streamable = [...new Set(trials.map((t) => t.axes[input]).filter((a) => a !== undefined))];
    streamable.sort((a, b) => a - b);
    if (!only) return { input, because: "none", streamable };
    if (best.length > 1 || isDoubtful) return { input, because: "ambiguous", streamable };
    const chosen = only.axes[input];
    const because = only.symbolic ? "symbolic" : "onlyStreamable";
    return chosen === undefined
      ? { input, because: "none", streamable }
      : { input, chosen, because, streamable };
  });
}

/**
 * The axes along which a model that does not stream comes nearest to it: what the file calls time, else where the most
 * values get a fact before the first refusals. For telling why; undefined if there is nothing to try.
 */
export function nearestAxes(
  model: Pick<Model, "graph">,
  inference: Inference,
  rulesOf?: RulesOf,
): TimeAxes | undefined {
  const inputs = realInputs(model.graph).map((v) => v.name);
  const all = proposedAxes(inputs, inference);
  const declared = all.filter(declaredTime);
  const tried = (declared.length > 0 ? declared : all).map(({ axes }) => {
    const { facts } = deriveFacts(model, inference, axes, rulesOf && { rulesOf });
    return { axes, reached: [...facts.values()].filter((f) => f.kind !== "static").length };
  });
  return tried.sort((a, b) => b.reached - a.reached)[0]?.axes;
}

/** The first of three or more axes, or one called so, along which nothing looks back, is a batch: the user must say. */
function looksLikeBatch(axes: TimeAxes, inference: Inference): boolean {
  return Object.entries(axes).every(([input, axis]) => {
    const shape = inference.info(input).shape ?? [];
    return axis === 0 && (shape.length > 2 || /batch/i.test(String(shape[0])));
  });
}

/** A symbolic axis behind the first is what the file calls time; where it cannot stream, another is not taken unasked. */
function declaredTime({ axes, symbolic }: Omit<Trial, "mixesTime">): boolean {
  return symbolic && Object.values(axes).every((axis) => axis > 0);
}

function preferred(trials: readonly Trial[]): readonly Trial[] {
  const orders: ((t: Trial) => boolean)[] = [
    (t: Trial) => t.symbolic && t.mixesTime,
    (t: Trial) => t.mixesTime,
    (t: Trial) => t.symbolic,
  ];
  for (const order of orders) {
    const best = trials.filter(order);
    if (best.length > 0) return best;
  }
  return trials;
}

/** Every dimension that could be time, with the inputs that have it. */
function proposedAxes(inputs: readonly ValueName[], inference: Inference): Omit<Trial, "mixesTime">[] {
  const proposals = new Map<string, Omit<Trial, "mixesTime">>();
  for (const input of inputs) {
    for (const [axis, dim] of (inference.info(input).shape ?? []).entries()) {
      if (dim === 1 || dim === 0) continue;
      // An unknown dimension is shared with nobody.
      const joint = dim === null ? [input] : inputs;
      const axes: Record<ValueName, number> = {};
      for (const other of joint) {
        const at = other === input ? axis : (inference.info(other).shape ?? []).indexOf(dim);
        if (at >= 0) axes[other] = at;
      }
      const symbolic = typeof dim !== "number";
      proposals.set(JSON.stringify(axes), { axes, symbolic });
      if (Object.keys(axes).length > 1 && !symbolic)
        proposals.set(JSON.stringify({ [input]: axis }), { axes: { [input]: axis }, symbolic });
    }
  }
  return [...proposals.values()];
}

/** One axis of every input, however long: audio beside features of it. Nothing if there are too many to try. */
function axesAtDifferentRates(
  inputs: readonly ValueName[],
  inference: Inference,
): Omit<Trial, "mixesTime">[] {
  if (inputs.length < 2) return [];
  let proposals: Omit<Trial, "mixesTime">[] = [{ axes: {}, symbolic: true }];
  for (const input of inputs) {
    const dims = (inference.info(input).shape ?? []).map((dim, axis) => ({ dim, axis }));
    proposals = dims
      .filter(({ dim }) => dim !== 0 && dim !== 1)
      .flatMap(({ dim, axis }) =>
        proposals.map((p) => ({
          axes: { ...p.axes, [input]: axis },
          symbolic: p.symbolic && typeof dim !== "number",
        })),
      );
    if (proposals.length > MOST_PROPOSALS) return [];
  }
  return proposals;
}

function streams(analysis: StreamAnalysis): boolean {
  if (analysis.refusals.length > 0) return false;
  const kinds = analysis.graph.outputs.map((o) => analysis.facts.get(o.name)?.kind);
  return kinds.some((kind) => kind === "stream" || kind === "perStep");
}

function mixesTime(analysis: StreamAnalysis): boolean {
  const mixes = (plan: NodePlan): boolean => {
    if (plan.kind === "window") return plan.law.history !== 0 || plan.law.carried !== 0;
    return (
      plan.kind === "alias" ||
      plan.kind === "attention" ||
      plan.kind === "delay" ||
      plan.kind === "mirror" ||
      plan.kind === "interpolate" ||
      plan.kind === "last" ||
      plan.kind === "recurrent" ||
      plan.kind === "accumulate" ||
      plan.kind === "carry"
    );
  };
  if (analysis.minimalChunk > 1) return true;
  for (const plan of analysis.plans.values()) if (mixes(plan)) return true;
  return false;
}
