import { isScoped } from "../../core/ir/scoped-name.ts";
import type { CacheMark, Plan } from "../../core/plan/plan.ts";
import type { CacheProposal } from "../../core/stream/module.ts";
import type { AnalysisReport, ModelSummary, NodeSummary } from "../../engine/reports.ts";
import type { Conversion } from "../../worker/protocol.ts";
import type { Studio } from "../studio.ts";
import type { Selection, View } from "../view.ts";
import { allNodes } from "./all-nodes.ts";
import { isChip } from "./chips.ts";
import { groupOf } from "./groups.ts";

/** The selected value, or the first output of the selected node; of several the last. */
export function markableValue({ view, stages }: Studio): string | undefined {
  const { selection } = view.getState();
  const summary = stages.open.store.getState().result;
  return selection && summary && markedOf(summary, selection);
}

/** Values of everything selected, each once: what C and S act on. */
export function markableValues({ view, stages }: Studio): readonly string[] {
  const summary = stages.open.store.getState().result;
  if (!summary) return [];
  return [...new Set(allSelected(view.getState()).flatMap((s) => markedOf(summary, s) ?? []))];
}

function markedOf(summary: ModelSummary, { kind, id }: Selection): string | undefined {
  // The plan knows the main graph; what lives in a subgraph is looked at. A weight has neither past nor place to cut.
  if (isScoped(id)) return undefined;
  if (kind === "value") return summary.initializers.some((w) => w.name === id) ? undefined : id;
  return allNodes(summary).nodeOf.get(id)?.outputs[0];
}

/** Everything that is selected, in the order of choosing. */
export function allSelected({
  selection,
  together,
}: Pick<View, "selection" | "together">): readonly Selection[] {
  if (together.length > 0) return together;
  return selection ? [selection] : [];
}

/** The selected ops and those of selected groups, each once; what lives in a subgraph the plan does not know. */
export function selectedNodes(
  summary: ModelSummary,
  view: Pick<View, "selection" | "together">,
): readonly NodeSummary[] {
  const keys = new Set<string>();
  for (const { kind, id } of allSelected(view)) {
    if (kind === "node") keys.add(id);
    const group = kind === "group" ? groupOf(summary, id) : undefined;
    if (group) for (const { key } of summary.nodes.slice(group.first, group.end)) keys.add(key);
  }
  return keys.size === 0 ? [] : summary.nodes.filter((n) => keys.has(n.key));
}

/** Keys of the ops that X acts on; none of a model that is quantized already, and none on chips, which have widths instead. */
export function selectedOps({ view, stages, document }: Studio): readonly string[] {
  const summary = stages.open.store.getState().result;
  if (!summary || summary.quantized || isChip(document.getState().present.target)) return [];
  return selectedNodes(summary, view.getState()).map((n) => n.key);
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
