import type { Node } from "../../../core/ir/graph.ts";
import type { WidthTrace } from "../../../core/quant/esp/joint/choice-trace.ts";
import type { NumberFormat } from "../../../core/quant/esp/number-format.ts";
import type { WidthBudget } from "../../../core/quant/esp/width-budget.ts";
import type { Job, Runtime } from "../../ports.ts";
import type { CostOf } from "./chip-cost.ts";
import { openBench } from "./error-bench.ts";
import {
  DEFAULT_WORK,
  type ErrorPlacement,
  type ErrorPlacementInput,
  errorPlacement,
} from "./place-by-error.ts";
import { searchExponents } from "./search-exponents.ts";
import { type SearchProgress, searchBar, WIDTH_WORK } from "./search-progress.ts";
import { searchWidths } from "./search-widths.ts";

export interface BudgetPlacementInput extends ErrorPlacementInput {
  readonly wide: NumberFormat;
  /** Nodes whose width the search may choose; the others keep what `formatOf` says. */
  readonly free: (node: Node) => boolean;
  readonly budget: WidthBudget;
  readonly costOf: CostOf;
}

/**
 * As {@link placeByError}, and then 16 bits where they gain most for what they cost, within the budget. Behind that, exponents are
 * searched once more. Never worse than without, and the same where nothing may cost more or nothing pays.
 */
export async function placeWithinBudget(
  { formatOf, work = DEFAULT_WORK, mayCorrect, wide, free, budget, costOf, ...input }: BudgetPlacementInput,
  runtime: Runtime,
  job: Job<SearchProgress>,
): Promise<ErrorPlacement> {
  const bar = searchBar("budget", job);
  const bench = await openBench(input, runtime, bar.job("float", job));
  const { twin } = bench;
  const given = formatOf ?? (() => input.format);
  const problem = bench.problemOf(given);
  const base = await searchExponents(
    { ...problem, seeds: problem.seeds(), ownErrors: problem.ownErrors(), twin, work },
    bar.job("exponents", job),
  );
  const search = { bench, formatOf: given, wide, free, budget, costOf, work: work * WIDTH_WORK };
  const widths = await searchWidths(search, { joint: problem.joint, ...base }, bar.job("widths", job));
  const { start, best, steps, trials, stopped } = widths;
  const traceOf = (sqnrDb: number): WidthTrace => ({
    budget,
    base: { sqnrDb: base.trace.sqnrDb, cost: start.cost },
    ...{ steps, sqnrDb, trials, stopped },
    cost: best.cost,
  });
  const correction = { bench, work, ...(mayCorrect && { mayCorrect }) };
  if (steps.length === 0) {
    const placed = await errorPlacement(
      { ...correction, formatOf: given, found: base },
      problem.joint,
      runtime,
      bar.job("biases", job),
    );
    return { ...placed, choices: { ...placed.choices, widths: traceOf(base.trace.sqnrDb) } };
  }
  const again = bench.problemOf(best.formatOf);
  const seeds = [{ name: "widths", state: best.settled.state, clips: false }, ...again.seeds()];
  const found = await searchExponents(
    { ...again, seeds, ownErrors: again.ownErrors(), twin, work },
    bar.job("refine", job),
  );
  const placed = await errorPlacement(
    { ...correction, formatOf: best.formatOf, found },
    again.joint,
    runtime,
    bar.job("biases", job),
  );
  return { ...placed, choices: { ...placed.choices, widths: traceOf(found.trace.sqnrDb) } };
}
