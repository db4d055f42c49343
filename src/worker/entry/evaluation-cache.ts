import type { Evaluation as Evaluated } from "../../engine/evaluate.ts";
import type { OpenedModel } from "../../engine/open-model.ts";
import type { Evaluation } from "../protocol.ts";
import { LastOfModel } from "./last-of-model.ts";

/** The last evaluation of a model, so that a package after a comparison does not run it again. */
export class EvaluationCache {
  readonly #last = new LastOfModel<Evaluated>();

  /** What was measured of this model under exactly this plan, if it is still there. */
  under(opened: OpenedModel, plan: Evaluation["plan"]): Evaluated | undefined {
    const evaluated = this.#last.peek(opened)?.answer;
    return evaluated && JSON.stringify(evaluated.plan) === JSON.stringify(plan) ? evaluated : undefined;
  }

  /** Whether `get` would answer at once. */
  has(opened: OpenedModel, input: Evaluation): boolean {
    return this.#last.has(opened, keyOf(input));
  }

  get(opened: OpenedModel, input: Evaluation, evaluate: () => Promise<Evaluated>): Promise<Evaluated> {
    return this.#last.get(opened, keyOf(input), evaluate);
  }
}

/** Equal for equal inputs; sums of the statistics tell one calibration from another. */
function keyOf({ plan, clips, statistics }: Evaluation): string {
  const seen = [...statistics].map(([value, s]) => [value, s.count, s.sum, s.sumSquares]);
  return JSON.stringify([plan, clips.map((c) => [c.name, c.blob.size]), seen]);
}
