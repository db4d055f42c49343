import type { ValueName } from "../ir/graph.ts";
import type { StreamAnalysis } from "./analysis.ts";
import { type CandidateCut, type CutChoices, cutChoices } from "./candidate-cuts.ts";
import { cutsThrough } from "./cuts.ts";
import { DEFAULT_LOAD, type LoadModel } from "./load.ts";
import { roundFramesOf } from "./periods.ts";

/** A split into modules of even load. */
export interface Balance {
  readonly modules: number;
  /** What a plan stores; empty for one module. */
  readonly splits: readonly ValueName[];
  /** Seconds of one round of each module, in running order. */
  readonly seconds: readonly number[];
  /** Bytes that cross all boundaries per round. */
  readonly crossingBytes: number;
}

export interface BalanceOptions {
  /** Model-input frames per step. */
  readonly chunk: number;
  readonly load?: LoadModel | undefined;
}

/**
 * The best split into each number of modules from 1 to `most` (reference: §10 of the theory): least load of the heaviest
 * module, then fewest crossing bytes, then most boundaries at which the module behind can be gated. Exact over all
 * sequences of nested cheapest cuts (every split of a chain is one); numbers that cannot be reached are left out.
 */
export function balances(
  analysis: StreamAnalysis,
  most: number,
  { chunk, load = DEFAULT_LOAD }: BalanceOptions,
): Balance[] {
  return balancesAmong(analysis, cutChoices(analysis, chunk, load), most, chunk);
}

/** As `balances`, where the cuts are known already. */
export function balancesAmong(
  analysis: StreamAnalysis,
  choices: CutChoices,
  most: number,
  chunk: number,
): Balance[] {
  const follow = followersOf(choices);
  const found: Balance[] = [];
  for (let modules = 1; modules <= most; modules++) {
    const cuts = modules === 1 && !choices.wholeIsLegal ? undefined : balanced(choices, follow, modules);
    if (!cuts) continue;
    const splits = cuts.map((c) => c.value);
    const round = roundFramesOf(analysis, chunk);
    if (cutsThrough(analysis, splits, round).length !== splits.length) continue;
    const edges = [undefined, ...cuts, undefined];
    const seconds = Array.from({ length: modules }, (_, i) => choices.seconds(edges[i], edges[i + 1]));
    const crossingBytes = cuts.reduce((n, c) => n + c.bytes, 0);
    found.push({ modules, splits, seconds, crossingBytes });
  }
  return found;
}

/** Per cut, the cuts that may come next: deeper, and through a value that is not made above the first already. */
function followersOf({ cuts, nodes }: CutChoices): readonly (readonly number[])[] {
  const above = cuts.map((cut) => Uint8Array.from(nodes, (node) => (cut.upstream.has(node) ? 1 : 0)));
  const within = (inner: Uint8Array, outer: Uint8Array) => inner.every((bit, n) => bit <= (outer[n] ?? 0));
  return cuts.map((first, i) =>
    cuts.flatMap((second, j) => {
      const [inner, outer] = [above[i], above[j]];
      if (!inner || !outer || second.at <= first.at || inner[second.at] === 1) return [];
      return within(inner, outer) ? [j] : [];
    }),
  );
}

interface Way {
  /** Load of the heaviest module so far, in the first search; crossing bytes, then boundaries without a gate. */
  readonly cost: readonly [number, number];
  readonly before: number;
}

/**
 * Two searches over sequences of cuts: the least bound on the heaviest module, then the cheapest sequence within it
 * (the heaviest and the sum of bytes cannot be minimised in one: a cheap beginning may not be the best beginning).
 */
function balanced(
  choices: CutChoices,
  follow: readonly (readonly number[])[],
  modules: number,
): CandidateCut[] | undefined {
  const bound = search(choices, follow, modules, {
    extend: (so, seconds) => [Math.max(so[0], seconds), 0],
    allowed: () => true,
  });
  if (!bound) return undefined;
  const [heaviest] = bound.cost;
  const within = search(choices, follow, modules, {
    extend: (so, _, cut) => (cut ? [so[0] + cut.bytes, so[1] + (cut.aligned ? 0 : 1)] : so),
    allowed: (seconds) => seconds <= heaviest,
  });
  return within?.cuts;
}

interface Search {
  extend(
    soFar: readonly [number, number],
    seconds: number,
    cut: CandidateCut | undefined,
  ): readonly [number, number];
  allowed(seconds: number): boolean;
}

function search(
  choices: CutChoices,
  follow: readonly (readonly number[])[],
  modules: number,
  { extend, allowed }: Search,
): { cost: readonly [number, number]; cuts: CandidateCut[] } | undefined {
  const { cuts } = choices;
  const stages: Map<number, Way>[] = [];
  let ends = new Map<number, Way>();
  for (let k = 1; k < modules; k++) {
    const next = new Map<number, Way>();
    const reach = (before: number, j: number, from: readonly [number, number]): void => {
      const cut = cuts[j] as CandidateCut;
      const seconds = choices.seconds(cuts[before], cut);
      if (!allowed(seconds)) return;
      const cost = extend(from, seconds, cut);
      const known = next.get(j);
      if (!known || less(cost, known.cost)) next.set(j, { cost, before });
    };
    if (k === 1) for (const [j, cut] of cuts.entries()) if (cut.canBeFirst) reach(-1, j, [0, 0]);
    if (k > 1) for (const [i, way] of ends) for (const j of follow[i] ?? []) reach(i, j, way.cost);
    stages.push(next);
    ends = next;
  }
  let best: Way | undefined;
  for (const [i, way] of modules === 1 ? [[-1, { cost: [0, 0], before: -1 }] as const] : ends) {
    const seconds = choices.seconds(cuts[i], undefined);
    if (!allowed(seconds)) continue;
    const cost = extend(way.cost as readonly [number, number], seconds, undefined);
    if (!best || less(cost, best.cost)) best = { cost, before: i };
  }
  if (!best) return undefined;
  const path: CandidateCut[] = [];
  for (let [at, k] = [best.before, stages.length - 1]; at >= 0; k--) {
    path.unshift(cuts[at] as CandidateCut);
    at = stages[k]?.get(at)?.before ?? -1;
  }
  return { cost: best.cost, cuts: path };
}

function less(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
}
