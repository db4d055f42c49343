import { log10 } from "../../../core/base/elementary.ts";
import { fail } from "../../../core/base/problem.ts";
import { nodeKey } from "../../../core/ir/graph.ts";
import type { ChipLimits, SettledState } from "../../../core/quant/esp/joint/chip-limits.ts";
import type { ExponentStep, ExponentTrace } from "../../../core/quant/esp/joint/choice-trace.ts";
import {
  type ExponentState,
  placementOf,
  withGroup,
  withParameter,
} from "../../../core/quant/esp/joint/exponent-state.ts";
import type { JointGroups } from "../../../core/quant/esp/joint/joint-groups.ts";
import type { OwnErrors } from "../../../core/quant/esp/joint/own-error.ts";
import type { Job } from "../../ports.ts";
import { evidenceOf } from "./evidence.ts";
import type { Trial, TrialTwin } from "./trial-twin.ts";

export interface ExponentSearch {
  readonly joint: JointGroups;
  readonly limits: ChipLimits;
  readonly twin: TrialTwin;
  readonly ownErrors: OwnErrors;
  /** Where to start: the best of these that clip nothing that was seen, or of the others if that is much better. */
  readonly seeds: readonly ExponentSeed[];
  /** Multiplications and elements that trials may cost together; the seeds are always tried. */
  readonly work: number;
}

export interface ExponentSeed {
  readonly name: string;
  readonly state: ExponentState;
  /** Whether it trades clipping for finer steps: then its gain has to be as sure as that of a lower exponent. */
  readonly clips: boolean;
}

export interface FoundExponents {
  readonly settled: SettledState;
  readonly trial: Trial;
  readonly trace: ExponentTrace;
}

/**
 * A change has to lower the error by this share: less would follow the samples, not the model. A lower exponent clips what the
 * samples have not shown, so it has to gain more; so has a seed that clips many values at once.
 */
export const LEAST_GAIN = { up: 0.002, down: 0.15, clips: 0.15 } as const;
/**
 * In standard errors over the parts of the samples, for the same reason. Coarser needs none: what is clipped stands in a few parts
 * only, and is worth avoiding all the same.
 */
const LEAST_EVIDENCE = { up: Number.NEGATIVE_INFINITY, down: 2, clips: 1 } as const;

/** On louder copies a seed that clips may have so much more noise than one that covers: what a coarser step would cost everywhere. */
const MOST_LOUDER = 4;

/** What trying the seeds takes of a search that is not cut short: a first trial computes everything, later ones what they change. */
const SEEDS_PORTION = 0.4;
/** What the first pass leaves to all that follow: most of what they would try is known by then. */
const AFTER_FIRST_PASS = 0.1;

/** Portion of a search that is done in a pass over the moves, of which `portion` is tried; each leaves the same share of the rest. */
function passedBy(pass: number, portion: number): number {
  const left = (1 - SEEDS_PORTION) * AFTER_FIRST_PASS ** pass;
  return 1 - left * (1 - (1 - AFTER_FIRST_PASS) * portion);
}

/** SQNR in dB of a ratio of noise to signal. */
export const decibels = (noise: number): number =>
  noise === 0 ? Number.POSITIVE_INFINITY : -10 * log10(noise);

/**
 * Coordinate descent on the error at the outputs: every group and every constant is tried one step up and down, in the order of
 * what each gains by itself, until no change helps or the work is used up. Deterministic: bounded by work, not by time. Reports the
 * portion that is done, estimated. Throws `job.cancelled`, `quant.softmaxBeyond`, `quant.limitsUnmet`.
 */
export async function searchExponents(search: ExponentSearch, job: Job<number>): Promise<FoundExponents> {
  return new Search(search, job).run();
}

interface Best {
  readonly settled: SettledState;
  readonly trial: Trial;
}

interface Move {
  /** Groups first, then constants. */
  readonly at: number;
  readonly by: 1 | -1;
  readonly gain: number;
}

function isBetter(before: Trial, after: Trial, direction: keyof typeof LEAST_GAIN): boolean {
  return (
    after.noise < before.noise * (1 - LEAST_GAIN[direction]) &&
    evidenceOf(before.parts, after.parts) >= LEAST_EVIDENCE[direction] &&
    (direction !== "clips" || after.louder <= before.louder * MOST_LOUDER)
  );
}

/** The first of those whose difference is nothing. */
function leastNoise(found: readonly Best[]): Best | undefined {
  return found.reduce<Best | undefined>(
    (best, next) => (!best || isBetter(best.trial, next.trial, "up") ? next : best),
    undefined,
  );
}

class Search {
  private readonly search: ExponentSearch;
  private readonly job: Job<number>;
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
    for (let pass = 0; !converged && this.worked < this.search.work; pass++) {
      converged = true;
      const moves = this.promising(best);
      for (const [i, { at, by }] of moves.entries()) {
        if (this.worked >= this.search.work) break;
        this.tell(passedBy(pass, i / moves.length));
        const better = await this.descend(best, at, by);
        if (!better) continue;
        best = better;
        converged = false;
      }
    }
    this.job.report(1);
    const { seeds, steps, trials } = this;
    return { ...best, trace: { seeds, steps, trials, converged, sqnrDb: decibels(best.trial.noise) } };
  }

  /** By what is tried, or by the work where that will end the search. */
  private tell(portion: number): void {
    this.job.report(Math.max(portion, Math.min(1, this.worked / this.search.work)));
  }

  /** The best that clips nothing, unless the best that clips is much and surely better. */
  private async bestSeed(): Promise<Best> {
    const found: { seed: ExponentSeed; best: Best }[] = [];
    for (const [i, seed] of this.search.seeds.entries()) {
      this.tell((SEEDS_PORTION * i) / this.search.seeds.length);
      const tried = await this.try(seed.state, found[0]?.best, "run");
      this.seeds.push({
        name: seed.name,
        sqnrDb: tried ? decibels(tried.trial.noise) : Number.NEGATIVE_INFINITY,
      });
      if (tried) found.push({ seed, best: tried });
    }
    const covering = leastNoise(found.flatMap(({ seed, best }) => (seed.clips ? [] : [best])));
    const clipping = leastNoise(found.flatMap(({ seed, best }) => (seed.clips ? [best] : [])));
    const best =
      covering && clipping && !isBetter(covering.trial, clipping.trial, "clips") ? covering : clipping;
    return best ?? covering ?? this.failOfLimits();
  }

  private failOfLimits(): never {
    const { limits, seeds } = this.search;
    for (const { state } of seeds) {
      const slot = limits.softmaxBeyond(state);
      if (slot) fail({ code: "quant.softmaxBeyond", node: nodeKey(slot.node), value: slot.value });
    }
    return fail({ code: "quant.limitsUnmet" });
  }

  /** Every move that can pay, what gains most by itself first: the work may not suffice for all. */
  private promising({ settled: { state } }: Best): Move[] {
    const count = state.groups.length + state.parameters.length;
    const moves = Array.from({ length: count }, (_, at) => at).flatMap((at) =>
      ([-1, 1] as const).flatMap((by) => {
        const gain = this.search.ownErrors.gain(state, at, by);
        return gain === undefined ? [] : [{ at, by, gain }];
      }),
    );
    return moves.sort((a, b) => b.gain - a.gain || a.at - b.at || a.by - b.by);
  }

  /** Moves one coordinate as far in a direction as the error falls. */
  private async descend(from: Best, at: number, by: 1 | -1): Promise<Best | undefined> {
    let best = from;
    while (this.search.ownErrors.gain(best.settled.state, at, by) !== undefined) {
      const tried = await this.try(this.moved(best.settled.state, at, by), best, "race");
      if (!tried || !isBetter(best.trial, tried.trial, by > 0 ? "up" : "down")) break;
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

  private async try(
    state: ExponentState,
    base: Best | undefined,
    how: "run" | "race",
  ): Promise<Best | undefined> {
    const settled = this.search.limits.settle(state);
    if (!settled) return undefined;
    const key = JSON.stringify(settled.state);
    if (this.known.has(key)) return undefined;
    this.known.add(key);
    await this.job.checkpoint();
    const { twin, joint } = this.search;
    const program = twin.program(placementOf(joint, settled.state));
    const trial = base && how === "race" ? twin.race(program, base.trial) : twin.run(program, base?.trial);
    this.trials++;
    if (base) this.worked += trial.work;
    return { settled, trial };
  }
}
