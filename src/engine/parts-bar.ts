import type { Job } from "./ports.ts";

/**
 * One bar over the parts of a job. Each has a weight: what it takes beside the others. A part may end early, then the bar goes on to
 * where the next one starts; it never falls, and is 1 when the last part is done.
 */
export class PartsBar<Part extends string> {
  readonly #weights: readonly (readonly [Part, number])[];
  readonly #tell: (part: Part, portion: number) => void;
  #portion = 0;

  /** `weights`: in the order of the parts. `tell`: which part is under way, and which portion of all is done. */
  constructor(weights: readonly (readonly [Part, number])[], tell: (part: Part, portion: number) => void) {
    this.#weights = weights;
    this.#tell = tell;
  }

  /** This portion of the part is done, and all of those before it. */
  reach(part: Part, portion: number): void {
    if (!Number.isFinite(portion) || !this.#weights.some(([name]) => name === part))
      throw new Error(`${part} at ${portion} is no part of this bar`);
    let [before, all] = [0, 0];
    for (const [name, weight] of this.#weights) {
      if (name === part) before = all + weight * Math.min(1, Math.max(0, portion));
      all += weight;
    }
    this.#portion = Math.max(this.#portion, before / all);
    this.#tell(part, this.#portion);
  }

  /** The job of one part, which reports portions of itself. */
  job(part: Part, job: Pick<Job<never>, "checkpoint" | "now">): Job<number> {
    return {
      report: (portion) => this.reach(part, portion),
      checkpoint: () => job.checkpoint(),
      now: () => job.now(),
    };
  }
}
