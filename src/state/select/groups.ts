import { ownersOf } from "../../core/ir/scoped-name.ts";
import { groupNodes } from "../../core/layout/group-nodes.ts";
import type { NodeGroup } from "../../core/layout/node-group.ts";
import type { ModelSummary } from "../../engine/reports.ts";
import type { Studio } from "../studio.ts";
import { type Selection, select, type View } from "../view.ts";
import { allNodes } from "./all-nodes.ts";
import { bodyId, ownerOfBody } from "./bodies.ts";

/** Models up to this size are shown whole at first. */
const WHOLE_UP_TO = 300;

const known = new WeakMap<ModelSummary, readonly NodeGroup[]>();

/** Groups of a model's nodes, found once. A node without a name is told by what it makes. */
export function groupsOf(summary: ModelSummary): readonly NodeGroup[] {
  const found = known.get(summary) ?? groupNodes(namesOf(summary));
  known.set(summary, found);
  return found;
}

function namesOf({ nodes }: ModelSummary) {
  const names = nodes.map(({ name, op, key }) => (name === "" || name.startsWith(`${op}:`) ? key : name));
  return { names, ops: nodes.map((n) => n.op) };
}

const NONE: ReadonlySet<string> = new Set();
const firstLook = new WeakMap<ModelSummary, ReadonlySet<string>>();

/** The groups that are open: those of the view, or what the model's size asks for. The same set for the same state. */
export function openSet(
  summary: ModelSummary,
  { openGroups }: Pick<View, "openGroups">,
): "all" | ReadonlySet<string> {
  if (openGroups !== "auto") return openGroups;
  if (summary.nodes.length <= WHOLE_UP_TO) return "all";
  const look = firstLook.get(summary) ?? opened(groupsOf(summary), summary.nodes.length);
  firstLook.set(summary, look);
  return look;
}

/** Level 1 closed, but not a level that is one box. */
function opened(groups: readonly NodeGroup[], count: number): ReadonlySet<string> {
  const [only] = groups;
  if (groups.length !== 1 || !only || only.end - only.first < 0.9 * count) return NONE;
  return new Set([only.id, ...opened(only.children, only.end - only.first)]);
}

/** Groups that hold a node, from the outermost; those that hold a group, itself last. */
function pathTo(summary: ModelSummary, selection: Selection): readonly NodeGroup[] {
  const path: NodeGroup[] = [];
  const index = indexOf(summary, selection);
  let level = groupsOf(summary);
  for (;;) {
    const found =
      selection.kind === "group"
        ? level.find((g) => g.id === selection.id || holds(g, selection.id))
        : level.find((g) => index >= g.first && index < g.end);
    if (!found) return path;
    path.push(found);
    if (found.id === selection.id) return path;
    level = found.children;
  }
}

function holds(group: NodeGroup, id: string): boolean {
  return group.children.some((g) => g.id === id || holds(g, id));
}

function indexOf(summary: ModelSummary, { kind, id: given }: Selection): number {
  const { nodes } = summary;
  const [outermost] = ownersOf(given);
  if (outermost !== undefined) return nodes.findIndex((n) => n.key === outermost);
  const id = given;
  if (kind === "node") return nodes.findIndex((n) => n.key === id);
  return nodes.findIndex((n) => n.outputs.includes(id));
}

/** A group by its id. */
export function groupOf(summary: ModelSummary, id: string): NodeGroup | undefined {
  return pathTo(summary, { kind: "group", id }).at(-1);
}

/** Opens every closed group round a node, so that it is seen itself. */
export function revealNode(studio: Studio, selection: Selection): void {
  const summary = studio.stages.open.store.getState().result;
  if (!summary || selection.kind === "group") return;
  revealBodies(studio, selection.id);
  const open = openSet(summary, studio.view.getState());
  if (open === "all") return;
  const closed = pathTo(summary, selection).filter((g) => !open.has(g.id));
  if (closed.length > 0) studio.view.setState({ openGroups: new Set([...open, ...closed.map((g) => g.id)]) });
}

function revealBodies({ view }: Studio, id: string): void {
  const { openBodies } = view.getState();
  const closed = ownersOf(id).filter((key) => !openBodies.has(key));
  if (closed.length > 0) view.setState({ openBodies: new Set([...openBodies, ...closed]) });
}

/** Id of what is selected, if it is a closed group or an op with closed subgraphs. */
export function groupToOpen({ stages, view }: Studio): string | undefined {
  const summary = stages.open.store.getState().result;
  const { selection, ...rest } = view.getState();
  if (!summary || !selection) return undefined;
  if (selection.kind === "node") {
    const holds = allNodes(summary).nodeOf.get(selection.id)?.subgraphs !== undefined;
    return holds && !rest.openBodies.has(selection.id) ? bodyId(selection.id) : undefined;
  }
  if (selection.kind !== "group") return undefined;
  const open = openSet(summary, rest);
  return open === "all" || open.has(selection.id) ? undefined : groupOf(summary, selection.id)?.id;
}

/** Id of the innermost open group, or open subgraphs, round the selection. */
export function groupToClose({ stages, view }: Studio): string | undefined {
  const summary = stages.open.store.getState().result;
  const { selection, ...rest } = view.getState();
  if (!summary || !selection) return undefined;
  const bodies = [...ownersOf(selection.id), ...(selection.kind === "node" ? [selection.id] : [])];
  const body = bodies.findLast((key) => rest.openBodies.has(key));
  if (body !== undefined) return bodyId(body);
  const open = openSet(summary, rest);
  return pathTo(summary, selection).findLast((g) => open === "all" || open.has(g.id))?.id;
}

/** Shows a group's contents, or a node's subgraphs, in their place. */
export function openGroup({ stages, view }: Studio, id: string): void {
  const owner = ownerOfBody(id);
  if (owner !== undefined) {
    view.setState(({ openBodies }) => ({ openBodies: new Set([...openBodies, owner]) }));
    return;
  }
  const summary = stages.open.store.getState().result;
  const open = summary && openSet(summary, view.getState());
  if (open && open !== "all") view.setState({ openGroups: new Set([...open, id]) });
}

/** Shows a group, or a node with its subgraphs, as one box, and selects it. */
export function closeGroup({ stages, view }: Studio, id: string): void {
  const owner = ownerOfBody(id);
  if (owner !== undefined) {
    view.setState(({ openBodies }) => ({ openBodies: new Set([...openBodies].filter((k) => k !== owner)) }));
    select(view, { kind: "node", id: owner });
    return;
  }
  const summary = stages.open.store.getState().result;
  if (!summary) return;
  const open = openSet(summary, view.getState());
  const all = open === "all" ? allIds(groupsOf(summary)) : [...open];
  view.setState({ openGroups: new Set(all.filter((other) => other !== id)) });
  select(view, { kind: "group", id });
}

function allIds(groups: readonly NodeGroup[]): readonly string[] {
  return groups.flatMap((g) => [g.id, ...allIds(g.children)]);
}

/** Every op by itself, or the outermost groups. */
export function toggleGroups({ stages, view }: Studio): void {
  const summary = stages.open.store.getState().result;
  if (!summary) return;
  const flat = openSet(summary, view.getState()) === "all";
  view.setState({ openGroups: flat ? opened(groupsOf(summary), summary.nodes.length) : "all" });
}
