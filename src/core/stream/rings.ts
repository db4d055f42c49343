import { fail } from "../base/problem.ts";
import { type Node, nodeKey, type ValueName } from "../ir/graph.ts";
import type { CacheMark } from "../plan/plan.ts";
import type { Fill, StreamAnalysis } from "./analysis.ts";
import type { Extents } from "./extents.ts";
import { lowest } from "./filled-tensor.ts";
import type { Cache } from "./module.ts";
import { type Hold, historyOf, type View, viewsOf } from "./views.ts";

/** History of one value, shared by all its readers that agree on the initial fill. */
export interface Ring {
  readonly value: ValueName;
  readonly axis: number;
  readonly frames: number;
  /** Initial contents, resolved for the dtype. */
  readonly init: number;
  /** False: no history is kept, `init` stands in its place in every step (a removed cache). */
  readonly kept: boolean;
  readonly readers: Cache["readers"];
  /** Steps for which the contents stay as they were initially. */
  readonly holdSteps?: number;
  /** What the history is of, if not of the value as it arrives. */
  readonly late?: View;
}

export interface Rings {
  /** In the order in which their values first are read. */
  readonly all: readonly Ring[];
  readonly views: ReadonlyMap<Node, readonly View[]>;
  /** The value that physically holds the frames of a value whose maker vanished (crop). */
  source(value: ValueName): ValueName;
  ringOf(view: View): Ring | undefined;
  /** Time axis of a streaming value. */
  axisOf(value: ValueName): number;
}

type Marks = Readonly<Record<ValueName, CacheMark>>;

interface Group {
  readonly value: ValueName;
  fill: Fill | undefined;
  readonly kept: boolean;
  readonly views: View[];
  readonly hold?: Hold | undefined;
}

/**
 * One ring per value over the readers in `nodes`, as long as its longest reader needs: a residual's delay shares the
 * ring of the convolution beside it. Readers that need different initial fills get rings of their own.
 * Throws `plan.unknownValue` for a forced mark on a value that does not stream.
 */
export function ringsFor(
  analysis: StreamAnalysis,
  extents: Extents,
  nodes: readonly Node[],
  marks: Marks = {},
): Rings {
  const source = sourcesOf(analysis, nodes);
  const views = new Map<Node, readonly View[]>();
  const groups = new Map<ValueName, Group[]>();
  for (const node of nodes) {
    const own = viewsOf(analysis, extents, node).map((v) => movedTo(v, source(v.value)));
    if (own.length > 0) views.set(node, own);
    for (const view of own) {
      if (historyOf(view) === 0) continue;
      const removed = marks[view.value]?.state === "removed";
      // Without its delay a branch would not meet the others: that history stays.
      addTo(groups, view, !removed || view.use === "delay");
    }
  }
  addForced(groups, analysis, nodes, marks);
  const ringOfGroup = new Map<Group, Ring>();
  for (const group of [...groups.values()].flat())
    ringOfGroup.set(group, closeGroup(group, analysis, extents, marks));
  const ringOfView = new Map<View, Ring>();
  for (const [group, ring] of ringOfGroup) for (const view of group.views) ringOfView.set(view, ring);
  return {
    all: [...ringOfGroup.values()],
    views,
    source,
    ringOf: (view) => ringOfView.get(view),
    axisOf: (value) => axisOf(analysis, value),
  };
}

function movedTo(view: View, value: ValueName): View {
  const { hold } = view;
  return { ...view, value, ...(hold?.late && { hold: { ...hold, late: movedTo(hold.late, value) } }) };
}

function sourcesOf(analysis: StreamAnalysis, nodes: readonly Node[]): (value: ValueName) => ValueName {
  const map = new Map<ValueName, ValueName>();
  for (const node of nodes) {
    if (analysis.plans.get(node)?.kind !== "alias") continue;
    const input = node.inputs.find((i) => analysis.facts.get(i)?.kind === "stream") ?? "";
    const output = node.outputs[0] ?? "";
    map.set(output, map.get(input) ?? input);
  }
  return (value) => map.get(value) ?? value;
}

function axisOf(analysis: StreamAnalysis, value: ValueName): number {
  const fact = analysis.facts.get(value);
  if (fact?.kind !== "stream") throw new Error(`${value} does not stream`);
  return fact.axis;
}

function addTo(groups: Map<ValueName, Group[]>, view: View, kept: boolean): void {
  const { value, fill, hold } = view;
  const list = groups.get(value) ?? [];
  groups.set(value, list);
  const fits = list.find(
    (g) =>
      g.kept === kept &&
      g.hold?.steps === hold?.steps &&
      g.hold?.late?.from === hold?.late?.from &&
      (g.fill === undefined || fill === undefined || g.fill === fill),
  );
  if (fits) {
    fits.fill ??= fill;
    fits.views.push(view);
    return;
  }
  // What a held history is made of passes through an ordinary one first.
  if (hold?.late) addTo(groups, hold.late, true);
  list.push({ value, fill, kept, views: [view], hold });
}

function addForced(
  groups: Map<ValueName, Group[]>,
  analysis: StreamAnalysis,
  nodes: readonly Node[],
  marks: Marks,
): void {
  const present = new Set<ValueName>();
  const outputs = new Set(analysis.graph.outputs.map((o) => o.name));
  for (const node of nodes) {
    for (const name of node.inputs) present.add(name);
    for (const name of node.outputs) if (outputs.has(name)) present.add(name);
  }
  for (const [value, mark] of Object.entries(marks)) {
    if (mark.state !== "forced") continue;
    if (analysis.facts.get(value)?.kind !== "stream")
      fail({ code: "plan.unknownValue", value, mark: "cache" });
    if (mark.frames > 0 && present.has(value) && !groups.has(value))
      groups.set(value, [{ value, fill: undefined, kept: true, views: [] }]);
  }
}

function closeGroup(group: Group, analysis: StreamAnalysis, extents: Extents, marks: Marks): Ring {
  const { value, kept, views } = group;
  const mark = marks[value];
  const forced = kept && mark?.state === "forced" ? mark.frames : 0;
  const readers: Cache["readers"][number][] = views.map((v) => ({
    node: nodeKey(v.node),
    use: v.use,
    frames: historyOf(v),
  }));
  const needed = Math.max(0, ...readers.map((r) => r.frames));
  if (forced > needed) readers.push({ node: "", use: "forced", frames: forced });
  return {
    value,
    axis: axisOf(analysis, value),
    frames: Math.max(needed, forced),
    init: group.fill === "lowest" ? lowest(extents.dtype(value)) : (group.fill ?? 0),
    kept,
    readers,
    ...(kept && group.hold && { holdSteps: group.hold.steps }),
    ...(group.hold?.late && { late: group.hold.late }),
  };
}
