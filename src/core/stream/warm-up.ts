import type { WarmUpChoice } from "../plan/plan.ts";
import type { StreamAnalysis } from "./analysis.ts";
import { deriveFacts, guardsOf } from "./facts.ts";

/** The same analysis, for a graph that is told where the stream ends. */
export function withExactEnd(analysis: StreamAnalysis): StreamAnalysis {
  const { graph, inference, axes, rulesOf, paces, approximate, bands } = analysis;
  return deriveFacts({ graph }, inference, axes, { rulesOf, paces, approximate, bands, exactEnd: true });
}

/**
 * The analysis under a warm-up policy for one chunk (reference: §5.6 of the theory). "auto" takes the cheapest exact
 * one: nothing where nothing is guarded, else hold where it costs no delay, else mask. Holding may delay values where
 * their junk does not fill whole steps; under the other policies facts stay as they are, unless some operator carries a
 * state: states are held under every policy.
 */
export function withWarmUp(
  analysis: StreamAnalysis,
  chunk: number,
  choice: WarmUpChoice = "auto",
): StreamAnalysis {
  const guards = guardsOf(analysis);
  if (guards.length === 0) return { ...analysis, warmUp: "causal-free" };
  const keepsState = guards.some((guard) => guard.keepsState);
  const inGraph = choice === "mask" || choice === "two-graph" || choice === "ignore";
  if (!keepsState && inGraph) return { ...analysis, warmUp: choice };
  const { graph, inference, axes, rulesOf, paces, facts, exactEnd, approximate, bands } = analysis;
  const derived = (holding: "all" | "states") =>
    deriveFacts({ graph }, inference, axes, {
      rulesOf,
      paces,
      holdChunk: chunk,
      holding,
      exactEnd,
      approximate,
      bands,
    });
  const masked = (): StreamAnalysis => (keepsState ? derived("states") : analysis);
  if (inGraph) return { ...masked(), warmUp: choice };
  const held = derived("all");
  const free = [...facts].every(([name, fact]) => {
    const other = held.facts.get(name);
    return fact.kind === "static" || (other?.kind === fact.kind && other.delay === fact.delay);
  });
  if (choice === "hold" || free || guards.every((guard) => guard.keepsState))
    return { ...held, warmUp: "hold" };
  return { ...masked(), warmUp: "mask" };
}
