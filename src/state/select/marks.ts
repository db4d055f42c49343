import { isScoped } from "../../core/ir/scoped-name.ts";
import type { CacheMark, Plan } from "../../core/plan/plan.ts";
import type { CacheProposal } from "../../core/stream/module.ts";
import type { AnalysisReport } from "../../engine/reports.ts";
import type { Conversion } from "../../worker/protocol.ts";
import type { Studio } from "../studio.ts";
import { allNodes } from "./all-nodes.ts";

/** The selected value, or the first output of the selected node: what C and S act on. */
export function markableValue({ view, stages }: Studio): string | undefined {
  const { selection } = view.getState();
  const summary = stages.open.store.getState().result;
  // The plan knows the main graph; what lives in a subgraph is looked at.
  if (!selection || !summary || isScoped(selection.id)) return undefined;
  if (selection.kind === "value") return selection.id;
  return allNodes(summary).nodeOf.get(selection.id)?.outputs[0];
}

/** Key of the selected node, unless it lives in a subgraph: what X acts on. */
export function selectedOp({ view, stages }: Studio): string | undefined {
  const { selection } = view.getState();
  if (selection?.kind !== "node" || isScoped(selection.id)) return undefined;
  const summary = stages.open.store.getState().result;
  if (!summary || summary.quantized) return undefined;
  return summary.nodes.some((n) => n.key === selection.id) ? selection.id : undefined;
}

/** State of one cache edge as it is drawn and listed. */
export interface CacheEdge {
  readonly value: string;
  readonly state: "proposed" | CacheMark["state"];
  readonly proposal?: CacheProposal;
  /** Frames kept: those that are needed, or more by force; 0 when removed. */
  readonly frames: number;
}

/**
 * The caches that the model needs at the plan's chunk, from the last conversion along these axes; before the first one,
 * those of the smallest chunk.
 */
export function proposalsOf(
  { axes }: Pick<Plan, "axes">,
  analysis: Pick<AnalysisReport, "proposals"> | undefined,
  conversion: Pick<Conversion, "inputs" | "proposals"> | undefined,
): readonly CacheProposal[] {
  const along = (name: string, axis: number | undefined) => axes[name] === axis;
  if (conversion?.inputs.every(({ name, axis }) => along(name, axis))) return conversion.proposals;
  return analysis?.proposals ?? [];
}

/** Proposals with their marks, in the order of the graph, then values that are kept by force without one. */
export function cacheEdges(plan: Plan, proposals: readonly CacheProposal[]): readonly CacheEdge[] {
  const proposed = new Set(proposals.map((p) => p.value));
  const edges = proposals.map((proposal) => edgeOf(proposal.value, plan.caches[proposal.value], proposal));
  const extra = Object.entries(plan.caches)
    .filter(([value, mark]) => mark.state === "forced" && !proposed.has(value))
    .map(([value, mark]) => edgeOf(value, mark, undefined));
  return [...edges, ...extra];
}

function edgeOf(value: string, mark: CacheMark | undefined, proposal: CacheProposal | undefined): CacheEdge {
  const needed = proposal?.frames ?? 0;
  const forced = mark?.state === "forced" ? Math.max(mark.frames, needed) : needed;
  return {
    value,
    state: mark?.state ?? "proposed",
    ...(proposal ? { proposal } : {}),
    frames: mark?.state === "removed" ? 0 : forced,
  };
}
