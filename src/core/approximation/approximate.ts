import type { Finding } from "../base/problem.ts";
import { type Model, type Node, nodeKey, type ValueName } from "../ir/graph.ts";
import { applyPatch } from "../ir/patch.ts";
import { consumersOf } from "../ir/walk.ts";
import { type InferenceResult, inferShapes } from "../passes/infer-shapes.ts";
import { freshNames } from "../passes/pass.ts";
import type { Approximation, ApproximationKind, Approximations } from "../plan/approximation.ts";
import { printApproximation } from "../plan/approximation-text.ts";
import type { InputPaces, StreamAnalysis, TimeAxes } from "../stream/analysis.ts";
import { deriveAtPaces } from "../stream/input-paces.ts";
import type { Limits } from "../stream/mask-band.ts";
import type { RefusedNode } from "./approximation-rule.ts";
import { APPROXIMATION_RULES, offersFor } from "./catalogue.ts";
import { PatchWriter } from "./patch-writer.ts";

/** One node that was replaced. */
export interface AppliedApproximation {
  readonly node: string;
  readonly op: string;
  readonly approximation: Approximation;
  /** Values that take the place of the node's own. */
  readonly values: readonly ValueName[];
}

/** A model in which what cannot stream was replaced by what can. */
export interface Approximated {
  readonly model: Model;
  readonly inference: InferenceResult;
  readonly analysis: StreamAnalysis;
  /** The analysis, with refusals that name what could stand in. */
  readonly offered: StreamAnalysis;
  readonly applied: readonly AppliedApproximation[];
  /** Keys of inner nodes of the replacements, in graph order: they stay in float. */
  readonly inner: readonly string[];
}

/** What shall stand in for a refused node, if anything. */
export type Choice = (refused: RefusedNode) => Approximation | undefined;

/** The choices of a plan. */
export function chosenIn(approximations: Approximations): Choice {
  const byKey = new Map(Object.entries(approximations));
  return ({ node }) => byKey.get(nodeKey(node));
}

/** A model and the facts of its values along time axes. */
interface Derived {
  readonly model: Model;
  readonly inference: InferenceResult;
  readonly analysis: StreamAnalysis;
}

/**
 * Replaces refused nodes by their approximations. What is refused behind a refused node only shows once that was
 * replaced, so rounds follow each other until nothing more is asked for. Throws as `deriveAtPaces` does.
 */
export function approximate(
  model: Model,
  inference: InferenceResult,
  axes: TimeAxes,
  choice: Choice,
  paces?: InputPaces,
): Approximated {
  const bands = new Map<string, Limits>();
  const options = { ...(paces && { paces }), bands };
  const applied: AppliedApproximation[] = [];
  const inner = new Set<string>();
  const seeds = new Map<ValueName, ApproximationKind>();
  let at: Derived = { model, inference, analysis: deriveAtPaces(model, inference, axes, options) };
  for (;;) {
    const out = new PatchWriter(freshNames(at.model));
    const before = applied.length;
    for (const [refused, approximation] of roundOf(at, choice, inner)) {
      const rule = APPROXIMATION_RULES.find((r) => r.kind === approximation.kind);
      const limits = rule?.limits?.(refused, approximation);
      if (limits && !bands.has(nodeKey(refused.node))) {
        bands.set(nodeKey(refused.node), limits);
        const { op, outputs } = refused.node;
        applied.push({ node: nodeKey(refused.node), op, approximation, values: outputs });
        continue;
      }
      if (out.has(refused.node) || !rule?.rewrite(refused, approximation, out)) continue;
      const known = new Set(at.model.graph.nodes.flatMap((node) => node.outputs));
      const own = [...refused.node.outputs, ...out.written.flatMap((node) => node.outputs)];
      const values = [...new Set(own)].filter((name) => name !== "" && known.has(name));
      applied.push({ node: nodeKey(refused.node), op: refused.node.op, approximation, values });
      const made = out.written.flatMap((node) => node.outputs).filter((name) => name !== "");
      for (const name of [...values, ...made]) if (!seeds.has(name)) seeds.set(name, approximation.kind);
    }
    if (applied.length === before) break;
    for (const node of out.written) inner.add(nodeKey(node));
    const next: Model = { ...at.model, graph: applyPatch(at.model.graph, out.patch()) };
    const found = inferShapes(next);
    at = {
      model: next,
      inference: found,
      analysis: deriveAtPaces(next, found, axes, { ...options, approximate: seeds }),
    };
  }
  return { ...at, applied, inner: [...inner], offered: withOffers(at) };
}

/** What is to be replaced now. Windows of the whole model leave nothing else to replace. */
function roundOf(
  at: Derived,
  choice: Choice,
  inner: ReadonlySet<string>,
): readonly (readonly [RefusedNode, Approximation])[] {
  const round = refusedNodes(at).flatMap((refused) => {
    const approximation = inner.has(nodeKey(refused.node)) ? undefined : choice(refused);
    return approximation ? [[refused, approximation] as const] : [];
  });
  const whole = round.find(([, { kind }]) => kind === "windowExact");
  return whole ? [whole] : round;
}

/** What suits the refused nodes best; where one is left with windows of the whole model, these alone. */
export function bestApproximations(model: Model, inference: InferenceResult, axes: TimeAxes): Approximations {
  const { applied } = approximate(model, inference, axes, (refused) => offersFor(refused)[0]);
  const whole = applied.find((a) => a.approximation.kind === "windowExact");
  const [first] = applied;
  const chosen = whole && first ? [{ ...whole, node: first.node }] : applied;
  return Object.fromEntries(chosen.map(({ node, approximation }) => [node, approximation]));
}

/** The analysis, with refusals that name what could stand in, best first. */
export function withOffers(derived: Derived): StreamAnalysis {
  const { analysis } = derived;
  if (analysis.refusals.length === 0) return analysis;
  const offers = new Map(
    refusedNodes(derived).map((r) => [nodeKey(r.node), offersFor(r).map(printApproximation)]),
  );
  const refusals = analysis.refusals.map((finding) => {
    const { problem } = finding;
    const words = problem.code === "stream.refused" ? offers.get(problem.node) : undefined;
    if (problem.code !== "stream.refused" || !words || words.length === 0) return finding;
    return { ...finding, problem: { ...problem, offers: words } };
  });
  return { ...analysis, refusals };
}

/** The refused nodes of an analysis that have facts up to them. */
export function refusedNodes({ model, inference, analysis }: Derived): RefusedNode[] {
  const byKey = new Map(model.graph.nodes.map((node) => [nodeKey(node), node]));
  const readers = consumersOf(model.graph);
  return analysis.refusals.flatMap((finding) => {
    const refused = refusedAt(finding, byKey);
    const source = refused?.node.inputs.find((name) => analysis.facts.get(name)?.kind === "stream");
    const fact = source === undefined ? undefined : analysis.facts.get(source);
    const rank = source === undefined ? undefined : inference.info(source).shape?.length;
    if (!refused || source === undefined || fact?.kind !== "stream" || rank === undefined) return [];
    return [{ model, inference, analysis, ...refused, source, axis: fact.axis, rank, readers }];
  });
}

function refusedAt({ problem }: Finding, byKey: ReadonlyMap<string, Node>) {
  if (problem.code !== "stream.refused") return undefined;
  const node = byKey.get(problem.node);
  return node && { node, reason: problem.reason };
}
