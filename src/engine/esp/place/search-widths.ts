import { StudioError } from "../../../core/base/problem.ts";
import { type Node, nodeKey } from "../../../core/ir/graph.ts";
import type { Program } from "../../../core/program/program.ts";
import { carriedState } from "../../../core/quant/esp/joint/carried-state.ts";
import type { SettledState } from "../../../core/quant/esp/joint/chip-limits.ts";
import type { ChipCost, WidthStep, WidthStop } from "../../../core/quant/esp/joint/choice-trace.ts";
import { consistentWidths } from "../../../core/quant/esp/joint/consistent-widths.ts";
import { placementOf } from "../../../core/quant/esp/joint/exponent-state.ts";
import type { JointGroups } from "../../../core/quant/esp/joint/joint-groups.ts";
import { neighboursOf, type WidthMove, widthMoves } from "../../../core/quant/esp/joint/width-moves.ts";
import type { NumberFormat } from "../../../core/quant/esp/number-format.ts";
import type { ExponentPlacement } from "../../../core/quant/esp/place-exponents.ts";
import type { FormatOf } from "../../../core/quant/esp/slots-of.ts";
import type { WidthBudget } from "../../../core/quant/esp/width-budget.ts";
import type { Job } from "../../ports.ts";
import type { PlacedModel } from "../chip-model.ts";
import type { CostOf } from "./chip-cost.ts";
import type { ErrorBench } from "./error-bench.ts";
import { decibels } from "./search-exponents.ts";
import type { Trial } from "./trial-twin.ts";

export interface WidthSearch {
  readonly bench: ErrorBench;
  /** Without the search. */
  readonly formatOf: FormatOf;
  readonly wide: NumberFormat;
  /** Nodes whose width the search may choose. */
  readonly free: (node: Node) => boolean;
  readonly budget: WidthBudget;
  readonly costOf: CostOf;
  /** Multiplications and elements that trials may cost together. */
  readonly work: number;
}

/** A choice of widths with exponents for it. */
export interface Widened {
  readonly wide: ReadonlySet<Node>;
  readonly formatOf: FormatOf;
  readonly joint: JointGroups;
  readonly settled: SettledState;
  readonly trial: Trial;
  readonly cost: ChipCost;
}

export interface FoundWidths {
  readonly start: Widened;
  readonly best: Widened;
  readonly steps: readonly WidthStep[];
  readonly trials: number;
  readonly stopped: WidthStop;
}

/** A step has to gain so much: less follows the samples, not the model. */
const LEAST_GAIN_DB = 0.1;
/** Where the outputs are exact the gain is infinite: so much it counts. */
const MOST_GAIN_DB = 200;
/** Share of the whole price below which steps count as equally cheap. */
const LEAST_PRICE = 1e-3;
/** What lowering a node again counts beside the elements that it computes. */
const WORK_PER_NODE = 2e4;

/** What trying every move once takes of a search that is not cut short: later only those are tried again that gained. */
const FIRST_ROUND_PORTION = 0.65;

/** A move with what it scored when it was last tried. */
interface Candidate {
  readonly move: WidthMove;
  /** dB per price; 0 if it does not gain enough or costs too much, infinite before it is tried. */
  score: number;
  /** Steps taken before it was tried. */
  round: number;
  over: boolean;
}

/**
 * Greedy by dB per price: of all moves the one that gains most for what it costs is taken, without the nodes in it that do not pay
 * their share, until the budget is used up or nothing gains. A gain is tried again before it is believed: next to what changed in any
 * case, elsewhere when its turn comes. Deterministic: bounded by work, not by time. Reports the portion that is done, estimated.
 * Throws `job.cancelled`.
 */
export async function searchWidths(
  search: WidthSearch,
  start: Pick<Widened, "joint" | "settled" | "trial">,
  job: Job<number>,
): Promise<FoundWidths> {
  const { bench, formatOf, costOf } = search;
  const placement = placementOf(start.joint, start.settled.state);
  const cost = costOf(placedAs(bench, placement), start.trial.program);
  return new Search(search, { ...start, wide: new Set(), formatOf, cost }, job).run();
}

class Search {
  private readonly search: WidthSearch;
  private readonly start: Widened;
  private readonly job: Job<number>;
  private readonly candidates: Candidate[];
  private best: Widened;
  private latest: { readonly move: WidthMove; readonly found: Widened } | undefined;
  private worked = 0;
  private trials = 0;
  /** Nodes that some move widens. */
  private readonly free: number;

  constructor(search: WidthSearch, start: Widened, job: Search["job"]) {
    this.search = search;
    this.start = start;
    this.best = start;
    this.job = job;
    const { bytes, cycles } = search.budget;
    const nothing = bytes === 1 || cycles === 1;
    const untried = { score: nothing ? 0 : Number.POSITIVE_INFINITY, round: -1, over: nothing };
    this.candidates = possibleMoves(search).map((move) => ({ move, ...untried }));
    this.free = new Set(this.candidates.flatMap((c) => [...c.move.nodes])).size;
  }

  async run(): Promise<FoundWidths> {
    const steps: WidthStep[] = [];
    const neighbours = neighboursOf(this.search.bench.dialect.graph);
    for (;;) {
      const next = await this.next(steps.length);
      if (typeof next === "string") {
        this.job.report(1);
        const { start, best, trials } = this;
        return { start, best, steps, trials, stopped: next };
      }
      const taken = await this.lean(next.move, next.found);
      steps.push(stepOf(next.move, this.best, taken));
      const near = new Set([...taken.wide].filter((n) => !this.best.wide.has(n)).flatMap(neighbours));
      this.best = taken;
      this.latest = undefined;
      for (const c of this.candidates)
        if (c.move.why !== "rest" && [...c.move.nodes].some((n) => near.has(n)))
          c.score = Number.POSITIVE_INFINITY;
    }
  }

  /** The move that pays best now, or why there is none. */
  private async next(
    round: number,
  ): Promise<{ readonly move: WidthMove; readonly found: Widened } | WidthStop> {
    for (;;) {
      const spent = this.worked >= this.search.work;
      const open = spent ? this.candidates.filter((c) => c.round === round) : this.candidates;
      let top: Candidate | undefined;
      for (const c of open) if (c.score > (top?.score ?? 0)) top = c;
      if (top?.round === round && Number.isFinite(top.score)) {
        const found = this.latest?.move === top.move ? this.latest.found : await this.try(top.move.nodes);
        if (found && found !== "over") return { move: top.move, found };
        throw new Error("a trial that differs from itself");
      }
      const next = top ?? open.find((c) => c.round < round && !c.over);
      if (spent) return "work";
      if (!next) return this.reason();
      await this.score(next, round);
    }
  }

  private reason(): WidthStop {
    if (this.candidates.some((c) => c.over)) return "budget";
    return this.candidates.every((c) => isWide(c.move, this.best)) ? "all" : "gain";
  }

  private async score(candidate: Candidate, round: number): Promise<void> {
    const { move } = candidate;
    const found = isWide(move, this.best) ? undefined : await this.try(move.nodes);
    candidate.round = round;
    this.tell();
    candidate.over = found === "over";
    candidate.score = found && found !== "over" ? this.scoreOf(found) : 0;
    if (found && found !== "over") this.latest = { move, found };
  }

  private scoreOf({ trial, cost }: Widened): number {
    const gainDb = decibels(trial.noise) - decibels(this.best.trial.noise);
    if (!(gainDb >= LEAST_GAIN_DB)) return 0;
    return Math.min(gainDb, MOST_GAIN_DB) / Math.max(LEAST_PRICE, this.price(cost));
  }

  /** What is paid beyond the best so far, in shares of the whole; of what the budget limits, or of all. */
  private price(cost: ChipCost): number {
    const { bytes, cycles } = this.search.budget;
    const share = (of: keyof ChipCost): number => (cost[of] - this.best.cost[of]) / this.start.cost[of];
    const all = bytes === undefined && cycles === undefined;
    return (
      (all || bytes !== undefined ? share("bytes") : 0) + (all || cycles !== undefined ? share("cycles") : 0)
    );
  }

  /** The move without nodes that lower its score. */
  private async lean(move: WidthMove, found: Widened): Promise<Widened> {
    let best = found;
    for (const node of move.nodes) {
      const fewer = new Set([...best.wide].filter((n) => n !== node));
      if (this.best.wide.has(node) || fewer.size === this.best.wide.size) continue;
      if (this.worked >= this.search.work) break;
      const tried = await this.try(fewer);
      if (tried && tried !== "over" && this.scoreOf(tried) >= this.scoreOf(best)) best = tried;
    }
    return best;
  }

  /** The best so far with these nodes wide too; undefined if the chip cannot compute it. */
  private async try(nodes: ReadonlySet<Node>): Promise<Widened | "over" | undefined> {
    const { bench, costOf } = this.search;
    const { best } = this;
    await this.job.checkpoint();
    const wide = new Set([...best.wide, ...nodes]);
    const formatOf = widened(this.search, wide);
    const { joint, limits, covering } = bench.problemOf(formatOf);
    this.worked += joint.table.nodes.length * WORK_PER_NODE;
    const from = { joint: best.joint, state: best.settled.state };
    const settled = limits.settle(carriedState(from, joint, covering()));
    const placement = settled && placementOf(joint, settled.state);
    const program = placement && lowered(bench, placement);
    if (!settled || !placement || !program) return undefined;
    const cost = costOf(placedAs(bench, placement), program);
    if (!this.affords(cost)) return "over";
    const trial = bench.twin.run(program, best.trial);
    this.trials++;
    this.worked += trial.work;
    this.tell();
    return { wide, formatOf, joint, settled, trial, cost };
  }

  /** By the moves that were tried once, then by what is widened or paid; or by the work where that will end the search. */
  private tell(): void {
    const { candidates, start, best } = this;
    const { work, budget } = this.search;
    const tried = candidates.filter((c) => c.round >= 0).length / candidates.length;
    const paid = (of: keyof ChipCost): number => {
      const { [of]: most = 1 } = budget;
      return most > 1 ? (best.cost[of] / start.cost[of] - 1) / (most - 1) : 0;
    };
    const taken = Math.min(1, Math.max(best.wide.size / this.free, paid("bytes"), paid("cycles")));
    const portion = FIRST_ROUND_PORTION * tried + (1 - FIRST_ROUND_PORTION) * taken;
    this.job.report(Math.max(portion, Math.min(1, this.worked / work)));
  }

  private affords({ bytes, cycles }: ChipCost): boolean {
    const { budget } = this.search;
    const { cost } = this.start;
    const most = (factor: number | undefined, base: number): number =>
      factor === undefined ? Number.POSITIVE_INFINITY : factor * base;
    return bytes <= most(budget.bytes, cost.bytes) && cycles <= most(budget.cycles, cost.cycles);
  }
}

/** The moves that widen nothing but what the search may, and for which the chip has kernels. */
function possibleMoves(search: WidthSearch): WidthMove[] {
  const { bench, formatOf, free, wide } = search;
  const { graph } = bench.dialect;
  const narrow = consistentWidths(graph, formatOf);
  const { joint, covering } = bench.problemOf(() => wide);
  const refused = new Set<Node>();
  bench.twin.program(placementOf(joint, covering()), (node) => refused.add(node));
  const may = (node: Node): boolean => free(node) && narrow(node)?.bits === 8 && !refused.has(node);
  return widthMoves(graph, may).filter(({ nodes }) => {
    const after = consistentWidths(graph, widened(search, nodes));
    return graph.nodes.every((node) => free(node) || after(node)?.bits === narrow(node)?.bits);
  });
}

function widened({ wide, formatOf }: WidthSearch, nodes: ReadonlySet<Node>): FormatOf {
  return (node) => (nodes.has(node) ? wide : formatOf(node));
}

function isWide({ nodes }: WidthMove, { wide }: Widened): boolean {
  return [...nodes].every((node) => wide.has(node));
}

/** Undefined where the chip has no kernel. */
function lowered({ twin }: ErrorBench, placement: ExponentPlacement): Program | undefined {
  try {
    return twin.program(placement);
  } catch (error) {
    if (error instanceof StudioError && error.problem.code === "target.noKernel") return undefined;
    throw error;
  }
}

function placedAs({ dialect, format }: ErrorBench, placement: ExponentPlacement): PlacedModel {
  return { dialect, placement, format, compatible: false };
}

function stepOf(move: WidthMove, from: Widened, to: Widened): WidthStep {
  const [first, second] = [...to.wide].filter((node) => !from.wide.has(node));
  // What is left of a larger move may be a single node.
  const { why, about } = first && !second ? { why: "node" as const, about: nodeKey(first) } : move;
  const before = new Map(from.joint.table.nodes.map(({ node, format }) => [node, format.bits]));
  const nodes = to.joint.table.nodes.filter(({ node, format }) => format.bits !== before.get(node));
  return {
    nodes: nodes.map(({ node }) => ({ node: nodeKey(node), op: node.op })),
    ...{ why, about },
    beforeDb: decibels(from.trial.noise),
    afterDb: decibels(to.trial.noise),
    before: from.cost,
    after: to.cost,
  };
}
