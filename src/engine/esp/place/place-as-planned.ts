import { fail } from "../../../core/base/problem.ts";
import { type Model, type Node, nodeKey, type ValueName } from "../../../core/ir/graph.ts";
import type { Plan } from "../../../core/plan/plan.ts";
import type { EspdlTarget } from "../../../core/targets/target.ts";
import type { Job, Runtime } from "../../ports.ts";
import type { CostOf } from "./chip-cost.ts";
import type { BenchInput } from "./error-bench.ts";
import { formatsOf } from "./formats-of.ts";
import { type ErrorPlacement, placeByError } from "./place-by-error.ts";
import { placeWithinBudget } from "./place-within-budget.ts";
import type { SearchProgress } from "./search-progress.ts";

export interface PlannedInput extends Omit<BenchInput, "format"> {
  /** The model as it was opened, whatever its lengths: what the plan's node names mean. */
  readonly normalized: Model;
  readonly target: EspdlTarget;
  readonly plan: Pick<Plan, "bits" | "widths" | "budget" | "compatible">;
  readonly costOf: CostOf;
  /** Whether the bias of a value may be corrected; every one may if absent. */
  readonly mayCorrect?: (value: ValueName) => boolean;
  /** Multiplications and elements that a search of exponents may compute. */
  readonly work?: number;
}

/** Rill's own placement under a plan: exponents, and widths if there is a budget for them. Throws `plan.unknownNode`, `plan.budgetUnused`. */
export function placeAsPlanned(
  { normalized, target, plan, costOf, ...input }: PlannedInput,
  runtime: Runtime,
  job: Job<SearchProgress>,
): Promise<ErrorPlacement> {
  refuseUnusedBudget(plan);
  const { bits = 8, widths = {}, budget } = plan;
  const given = { ...input, format: target.formats[bits], formatOf: formatsOf(normalized, target, plan) };
  if (!budget) return placeByError(given, runtime, job);
  const free = (node: Node): boolean => !(nodeKey(node) in widths) && !(node.name in widths);
  return placeWithinBudget({ ...given, wide: target.formats[16], free, budget, costOf }, runtime, job);
}

/** Throws `plan.budgetUnused` where a plan pays for what cannot be chosen. */
export function refuseUnusedBudget({ bits, budget, compatible }: PlannedInput["plan"]): void {
  if (!budget) return;
  if (compatible) fail({ code: "plan.budgetUnused", why: "compatible" });
  if (bits === 16) fail({ code: "plan.budgetUnused", why: "bits16" });
}
