import { fail } from "../core/base/problem.ts";
import type { ValueName } from "../core/ir/graph.ts";
import type { StreamAnalysis } from "../core/stream/analysis.ts";
import { type Balance, balances, balancesAmong } from "../core/stream/balance.ts";
import { cutChoices } from "../core/stream/candidate-cuts.ts";
import { DEFAULT_LOAD } from "../core/stream/load.ts";
import { type CutHint, type CutSuggestion, hintsFor, suggestCuts } from "../core/stream/suggest-cuts.ts";

/** Where a model could be split, better than it is. */
export interface SplitAdvice {
  /** Cheapest cuts, one for each part of the load. */
  readonly suggestions: readonly CutSuggestion[];
  /** Cheaper cuts near the marked ones. */
  readonly hints: readonly CutHint[];
  /** The best split into each number of modules that can be reached. */
  readonly balances: readonly Balance[];
}

/** More modules than anyone rotates; each takes a search of its own. */
const MOST_MODULES = 8;

/**
 * Advice for any marks of one model at one chunk; what does not depend on marks is found once. Nothing is advised for a
 * model that does not stream. The advisor throws `plan.cutImpossible` and `plan.unknownValue` for marks.
 */
export function splitAdvisor(
  analysis: StreamAnalysis,
  chunk: number,
): (marks: readonly ValueName[]) => SplitAdvice {
  if (analysis.refusals.length > 0) return () => ({ suggestions: [], hints: [], balances: [] });
  const choices = cutChoices(analysis, chunk, DEFAULT_LOAD);
  const suggestions = suggestCuts(choices);
  const found = balancesAmong(analysis, choices, MOST_MODULES, chunk);
  return (marks) => ({ suggestions, hints: hintsFor(choices, marks), balances: found });
}

/** The split values of a balance into so many modules. Throws `plan.modulesImpossible` with the most that there can be. */
export function balancedSplits(
  analysis: StreamAnalysis,
  chunk: number,
  modules: number,
): readonly ValueName[] {
  const first = analysis.refusals[0];
  if (first) fail(first.problem);
  const found = balances(analysis, modules, { chunk });
  const best = found.find((balance) => balance.modules === modules);
  const most = Math.max(0, ...found.map((balance) => balance.modules));
  return best?.splits ?? fail({ code: "plan.modulesImpossible", modules, most });
}
