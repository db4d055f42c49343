import type { Evaluation as Evaluated } from "../../engine/evaluate.ts";
import type { OpenedModel } from "../../engine/open-model.ts";
import type { Evaluation } from "../protocol.ts";

/** The last evaluation, so that a package after a comparison does not run it again. */
export class EvaluationCache {
  #key: string | undefined;
  #opened: OpenedModel | undefined;
  #evaluated: Evaluated | undefined;

  /** What was measured of this model under exactly this plan, if it is still there. */
  under(opened: OpenedModel, plan: Evaluation["plan"]): Evaluated | undefined {
    const evaluated = this.#opened === opened ? this.#evaluated : undefined;
    return evaluated && JSON.stringify(evaluated.plan) === JSON.stringify(plan) ? evaluated : undefined;
  }

  /** Whether `get` would answer at once. */
  has(opened: OpenedModel, input: Evaluation): boolean {
    return this.#evaluated !== undefined && this.#opened === opened && this.#key === keyOf(input);
  }

  async get(opened: OpenedModel, input: Evaluation, evaluate: () => Promise<Evaluated>): Promise<Evaluated> {
    const key = keyOf(input);
    if (this.#evaluated && this.#opened === opened && this.#key === key) return this.#evaluated;
    this.#evaluated = undefined;
    const evaluated = await evaluate();
    this.#key = key;
    this.#opened = opened;
    this.#evaluated = evaluated;
    return evaluated;
  }
}

/** Equal for equal inputs: sums of the statistics tell one calibration from another. */
function keyOf({ plan, clips, statistics }: Evaluation): string {
  const seen = [...statistics].map(([value, s]) => [value, s.count, s.sum, s.sumSquares]);
  return JSON.stringify([plan, clips.map((c) => [c.name, c.blob.size]), seen]);
}
