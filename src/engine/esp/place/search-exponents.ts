import { log10 } from "../../../core/base/elementary.ts";
import type { ChipLimits, SettledState } from "../../../core/quant/esp/joint/chip-limits.ts";
import type { ExponentStep, ExponentTrace } from "../../../core/quant/esp/joint/choice-trace.ts";
import {
  type ExponentState,
  placementOf,
  withGroup,
  withParameter,
} from "../../../core/quant/esp/joint/exponent-state.ts";
import type { JointGroups } from "../../../core/quant/esp/joint/joint-groups.ts";
import type { Job } from "../../ports.ts";
import type { Trial, TrialTwin } from "./trial-twin.ts";

export interface ExponentSearch {
  readonly joint: JointGroups;
  readonly limits: ChipLimits;
  readonly twin: TrialTwin;
  /** Where to start: the best of these. */
  readonly seeds: readonly { readonly name: string; readonly state: ExponentState }[];
  /** Multiplications and elements that trials may cost together; the seeds are always tried. */
  readonly work: number;
}

export interface FoundExponents {
  readonly settled: SettledState;
  readonly trial: Trial;
  readonly trace: ExponentTrace;
}

/**
 * A change has to lower the error by this share: less would follow the samples, not the model. A lower exponent clips what the
 * samples have not shown, so it has to gain more.
 */
const LEAST_GAIN = { up: 0.002, down: 0.15 } as const;

/** SQNR in dB of a ratio of noise to signal. */
export const decibels = (noise: number): number =>
  noise === 0 ? Number.POSITIVE_INFINITY : -10 * log10(noise);

/**
 * Coordinate descent on the error at the outputs: every group and every constant is tried one step up and down, in the order of the
 * graph, until no change helps or the work is used up. Deterministic: bounded by work, not by time. Throws `job.cancelled`.
 */
export async function searchExponents(
  search: ExponentSearch,
  job: Job<{ readonly done: number; readonly total: number }>,
): Promise<FoundExponents> {
  return new Search(search, job).run();
}

interface Best {
  readonly settled: SettledState;
  readonly trial: Trial;
}

class Search {
  private readonly search: ExponentSearch;
  private readonly job: Job<{ readonly done: number; readonly total: number }>;
  private readonly steps: ExponentStep[] = [];
  private readonly seeds: { name: string; sqnrDb: number }[] = [];
  private readonly known = new Set<string>();
  private worked = 0;
  private trials = 0;

  constructor(search: ExponentSearch, job: Search["job"]) {
    this.search = search;
    this.job = job;
  }

  async run(): Promise<FoundExponents> {
    let best = await this.bestSeed();
    let converged = false;
    const { groups, parameters } = this.search.joint;
    const moves = groups.length + parameters.length;
    while (!converged && this.worked < this.search.work) {
      converged = true;
      for (let at = 0; at < moves && this.worked < this.search.work; at++) {
        for (const direction of [-1, 1] as const) {
          const better = await this.descend(best, at, direction);
          if (!better) continue;
          best = better;
          converged = false;
          break;
        }
      }
    }
    const { seeds, steps, trials } = this;
    return { ...best, trace: { seeds, steps, trials, converged, sqnrDb: decibels(best.trial.noise) } };
  }

  private async bestSeed(): Promise<Best> {
    let best: Best | undefined;
    for (const { name, state } of this.search.seeds) {
      const tried = await this.try(state, best);
      this.seeds.push({ name, sqnrDb: tried ? decibels(tried.trial.noise) : Number.NEGATIVE_INFINITY });
      if (tried && (!best || tried.trial.noise < best.trial.noise * (1 - LEAST_GAIN.down))) best = tried;
    }
    if (!best) throw new Error("no state that the chip can compute");
    return best;
  }

  /** Moves one coordinate as far in a direction as the error falls. */
  private async descend(from: Best, at: number, direction: 1 | -1): Promise<Best | undefined> {
    let best = from;
    for (;;) {
      const tried = await this.try(this.moved(best.settled.state, at, direction), best);
      if (!tried || !(tried.trial.noise < best.trial.noise * (1 - LEAST_GAIN[direction > 0 ? "up" : "down"])))
        break;
      best = tried;
    }
    if (best === from) return undefined;
    this.steps.push(this.stepOf(from, best, at));
    return best;
  }

  private moved(state: ExponentState, at: number, direction: 1 | -1): ExponentState {
    const count = state.groups.length;
    return at < count
      ? withGroup(state, at, (state.groups[at] ?? 0) + direction)
      : withParameter(state, at - count, direction);
  }

  private stepOf(from: Best, to: Best, at: number): ExponentStep {
    const { groups, parameters } = this.search.joint;
    const group = groups[at];
    const parameter = parameters[at - groups.length];
    const exponent = ({ settled: { state } }: Best): number =>
      group ? (state.groups[at] ?? 0) : (state.parameters[at - groups.length]?.[0] ?? 0);
    return {
      values: group ? group.values : parameter ? [parameter.value] : [],
      from: exponent(from),
      to: exponent(to),
      beforeDb: decibels(from.trial.noise),
      afterDb: decibels(to.trial.noise),
    };
  }

  private async try(state: ExponentState, base: Best | undefined): Promise<Best | undefined> {
    const settled = this.search.limits.settle(state);
    if (!settled) return undefined;
    const key = JSON.stringify(settled.state);
    if (this.known.has(key)) return undefined;
    this.known.add(key);
    await this.job.checkpoint();
    const { twin, joint } = this.search;
    const trial = twin.run(twin.program(placementOf(joint, settled.state)), base?.trial);
    this.trials++;
    if (base) this.worked += trial.work;
    this.job.report({ done: Math.min(this.worked, this.search.work), total: this.search.work });
    return { settled, trial };
  }
}
