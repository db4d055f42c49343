import type { Approximation } from "../plan/approximation.ts";
import type { ApproximationRule, RefusedNode } from "./approximation-rule.ts";
import { running } from "./running.ts";

/** Every approximation, in the order of preference. */
export const APPROXIMATION_RULES: readonly ApproximationRule[] = [running];

/** What could stand in for a refused node, with default parameters, best first. */
export function offersFor(refused: RefusedNode): readonly Approximation[] {
  return APPROXIMATION_RULES.map((rule) => rule.propose(refused)).filter((a) => a !== undefined);
}
