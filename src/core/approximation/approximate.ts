import type { Finding } from "../base/problem.ts";
import { type Model, type Node, nodeKey, type ValueName } from "../ir/graph.ts";
import { applyPatch } from "../ir/patch.ts";
import { consumersOf } from "../ir/walk.ts";
import { type InferenceResult, inferShapes } from "../passes/infer-shapes.ts";
import { freshNames } from "../passes/pass.ts";
import type { Approximation, ApproximationKind, Approximations } from "../plan/approximation.ts";
import type { StreamAnalysis, TimeAxes } from "../stream/analysis.ts";
import { deriveAtPaces } from "../stream/input-paces.ts";
import type { RefusedNode } from "./approximation-rule.ts";
import { APPROXIMATION_RULES } from "./catalogue.ts";
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
): Approximated {
  const applied: AppliedApproximation[] = [];
  const inner: string[] = [];
  const seeds = new Map<ValueName, ApproximationKind>();
  let at: Derived = { model, inference, analysis: deriveAtPaces(model, inference, axes) };
  for (;;) {
    const out = new PatchWriter(freshNames(at.model));
    for (const refused of refusedNodes(at)) {
      const key = nodeKey(refused.node);
      const approximation = out.has(refused.node) ? undefined : choice(refused);
      if (!approximation) continue;
      const rule = APPROXIMATION_RULES.find((r) => r.kind === approximation.kind);
      if (!rule?.rewrite(refused, approximation, out)) continue;
      const values = refused.node.outputs.filter((name) => name !== "");
      applied.push({ node: key, op: refused.node.op, approximation, values });
      for (const value of values) seeds.set(value, approximation.kind);
    }
    if (out.written.length === 0) break;
    inner.push(...out.written.map(nodeKey));
    const next: Model = { ...at.model, graph: applyPatch(at.model.graph, out.patch()) };
    const found = inferShapes(next);
    at = {
      model: next,
      inference: found,
      analysis: deriveAtPaces(next, found, axes, { approximate: seeds }),
    };
  }
  return { ...at, applied, inner };
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
