import { fail } from "../base/problem.ts";
import { lcm, rational } from "../base/rational.ts";
import type { Graph, Model, ValueName } from "../ir/graph.ts";
import { realInputs, usedBy } from "../ir/walk.ts";
import { rulesFor } from "../ops/catalogue.ts";
import type { ApproximationKind } from "../plan/approximation.ts";
import type { Inference, InputPaces, RulesOf, StreamAnalysis, TimeAxes } from "./analysis.ts";
import type { GridShape } from "./attention-plan.ts";
import type { StreamFact } from "./fact.ts";
import { FactWalk } from "./fact-walk.ts";
import type { Flow } from "./flow.ts";
import type { Guard } from "./guard.ts";
import type { Limits } from "./mask-band.ts";
import { retime } from "./retime.ts";

export interface DeriveOptions {
  readonly rulesOf?: RulesOf;
  /**
   * Model-input frames per step at which guarded readers can be held; that may delay values. Absent: guards are masked
   * or ignored, at any chunk.
   */
  readonly holdChunk?: number | undefined;
  /** What is held at that chunk: every guarded reader (default), or only what keeps a state. */
  readonly holding?: "all" | "states";
  /** Values that stand in for what cannot stream exactly. */
  readonly approximate?: ReadonlyMap<ValueName, ApproximationKind>;
  readonly paces?: InputPaces | undefined;
  /** Make frames exact that read padding behind the end: the graph is told where the stream ends. */
  readonly exactEnd?: boolean;
  /** Attentions whose context is limited to a band, by the key of the node that was refused. */
  readonly bands?: ReadonlyMap<string, Limits>;
  /** Whether constants that differ along time may be taken for tables that end (default: yes). */
  readonly tables?: boolean;
}

const NO_BANDS: ReadonlyMap<string, Limits> = new Map();

/**
 * Derives, forward over the graph, how every value streams when the inputs named in `axes` stream along those axes.
 * Refusals do not stop the walk: what depends on a refused node gets no fact, everything else does, so that all first
 * causes are listed at once. Throws `stream.axisInvalid` and `stream.axisUnknown` for axes that the inputs do not have.
 */
export function deriveFacts(
  model: Pick<Model, "graph">,
  inference: Inference,
  axes: TimeAxes,
  options: DeriveOptions = {},
): StreamAnalysis {
  const {
    rulesOf = rulesFor,
    holdChunk,
    holding = "all",
    exactEnd = false,
    approximate = NONE,
    paces,
    bands = NO_BANDS,
    tables = true,
  } = options;
  const asked = {
    exactEnd,
    ...(holdChunk !== undefined && { stateChunk: holdChunk, ...(holding === "all" && { holdChunk }) }),
  };
  const walk = new FactWalk(model.graph, inference, rulesOf, asked, { bands, tables });
  for (const input of realInputs(model.graph))
    walk.addInput(input.name, axes[input.name], paces?.[input.name]);
  for (const name of Object.keys(axes)) {
    if (!walk.facts.has(name)) fail({ code: "stream.axisUnknown", input: name });
  }
  for (const node of model.graph.nodes) walk.visit(node);
  walk.finish();
  const { facts, plans, refusals, flows, grids, limits } = walk;
  const minimalChunk = minimalChunkOf(facts, grids);
  const lags = new Map([...flows].map(([name, flow]) => [name, flow.lag]));
  const lengths = new Map([...flows].map(([name, flow]) => [name, flow.length]));
  const cleanLags = new Map([...flows].map(([name, flow]) => [name, flow.cleanLag]));
  const wrong = wrongFrames(model.graph, facts, flows);
  retime({ graph: model.graph, inference, facts, plans, lags: [lags, cleanLags] });
  markApproximate(model.graph, facts, approximate);
  const warmUp = guardsOf({ plans }).length > 0 ? "mask" : "causal-free";
  const { graph } = model;
  return {
    graph,
    inference,
    rulesOf,
    axes,
    paces,
    facts,
    lags,
    cleanLags,
    lengths,
    exactEnd,
    grids,
    bands,
    limits,
    wrong,
    warmUp,
    plans,
    refusals,
    approximate,
    minimalChunk,
  };
}

const NONE: ReadonlyMap<ValueName, ApproximationKind> = new Map();

/** Whatever depends on a value that stands in for another is as approximate as it. */
function markApproximate(
  { nodes }: Graph,
  facts: Map<ValueName, StreamFact>,
  seeds: ReadonlyMap<ValueName, ApproximationKind>,
): void {
  if (seeds.size === 0) return;
  const reasons = new Map(seeds);
  for (const node of nodes) {
    const source = usedBy(node).find((name) => reasons.has(name));
    for (const name of node.outputs) {
      const reason = seeds.get(name) ?? (source === undefined ? undefined : reasons.get(source));
      const fact = facts.get(name);
      if (reason === undefined) continue;
      reasons.set(name, reason);
      if (fact && fact.kind !== "static")
        facts.set(name, { ...fact, exact: { kind: "approximate", reason } });
    }
  }
}

/** Bounds of streams, and of per-step values the largest bound of what they read. */
function wrongFrames(
  { nodes }: Graph,
  facts: ReadonlyMap<ValueName, StreamFact>,
  flows: ReadonlyMap<ValueName, Flow>,
): Map<ValueName, number> {
  const wrong = new Map([...flows].map(([name, flow]) => [name, flow.wrong]));
  for (const node of nodes) {
    const read = Math.max(0, ...usedBy(node).map((name) => wrong.get(name) ?? 0));
    for (const name of node.outputs) if (facts.get(name)?.kind === "perStep") wrong.set(name, read);
  }
  return wrong;
}

/** The guards of all planned readers, in graph order. */
export function guardsOf({ plans }: Pick<StreamAnalysis, "plans">): Guard[] {
  return [...plans.values()].flatMap((plan) => ("guard" in plan && plan.guard ? [plan.guard] : []));
}

function minimalChunkOf(
  facts: ReadonlyMap<ValueName, StreamFact>,
  grids: ReadonlyMap<ValueName, GridShape>,
): number {
  let chunk = 1;
  for (const fact of facts.values()) if (fact.kind === "stream") chunk = lcm(chunk, fact.rate.den);
  for (const { frame } of grids.values()) {
    const fact = facts.get(frame.query);
    if (fact?.kind !== "stream") continue;
    chunk = lcm(chunk, rational(frame.period * fact.rate.den, fact.rate.num).num);
  }
  return chunk;
}
