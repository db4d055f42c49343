import type { Shape, ValueName } from "../../core/ir/graph.ts";
import type { LayoutInput } from "../../core/layout/layout.ts";
import type { ModelSummary, NodeSummary } from "../../engine/reports.ts";
import type { GraphSelection } from "./graph-marks.ts";
import { type Entry, type Grouping, type OpenFrame, shownEntries } from "./group-boxes.ts";
import { middleEllipsis, shapeText, shortLabel } from "./node-text.ts";
import { type OpFamily, opFamily } from "./op-family.ts";

/** Text faces of a box; a measure answers the width of a text in px at scale 1. */
export type Face = "title" | "label" | "chip";
export type Measure = (text: string, face: Face) => number;

/** One box: an op, a closed group of ops, or an input or output of the graph. */
export interface SceneNode {
  readonly kind: "op" | "group" | "input" | "output";
  /** What selecting the box selects: an op's key, a group's id, or the name of an input's or output's value. */
  readonly id: string;
  readonly title: string;
  /** Second line; may be empty. */
  readonly label: string;
  /** Constants that the op reads, such as "W 64×32×3"; third line; may be empty. */
  readonly chips: string;
  readonly family: OpFamily;
  /** First output of an op, or the value of an input or output: what C and S mark. A group has none. */
  readonly value: ValueName;
  /** Of a group: its ops. */
  readonly members?: readonly NodeSummary[];
}

/** An open group: boxes first … end (exclusive) belong to it. */
export interface SceneFrame {
  readonly id: string;
  readonly label: string;
  readonly first: number;
  readonly end: number;
}

/** A value on its way to one consumer; index = edge of the layout. */
export interface SceneEdge {
  readonly value: ValueName;
  readonly source: number;
  readonly target: number;
}

/** The picture's structure, before coordinates. Marks are not part of it. */
export interface GraphScene {
  readonly summary: ModelSummary;
  readonly nodes: readonly SceneNode[];
  /** Open groups, outer ones first. */
  readonly frames: readonly SceneFrame[];
  /** Box of a closed group; of an open one its first. */
  readonly nodeOfGroup: ReadonlyMap<string, number>;
  readonly edges: readonly SceneEdge[];
  readonly layoutInput: LayoutInput;
  /** Box of each op: its own, or that of the closed group that holds it. */
  readonly nodeOfOp: ReadonlyMap<string, number>;
  /** Box that makes each value: an op, or the graph's input. */
  readonly producerOf: ReadonlyMap<ValueName, number>;
  readonly edgesOf: ReadonlyMap<ValueName, readonly number[]>;
  readonly outEdges: readonly (readonly number[])[];
  readonly inEdges: readonly (readonly number[])[];
  readonly shapes: ReadonlyMap<ValueName, Shape>;
}

const PADDING = 12;
const STRIP = 5;
/** Room for the module's number in the corner. */
const CORNER = 8;
const MIN_WIDTH = 64;
const MAX_TEXT = 190;
const LINE = { title: 17, label: 14, chip: 14 } as const;
const MAX_CHIPS = 3;

const UNGROUPED: Grouping = { groups: [], open: "all" };

/** Boxes and edges of a model. Initializers become chips of the ops that read them; closed groups are one box each. */
export function buildScene(summary: ModelSummary, measure: Measure, grouping = UNGROUPED): GraphScene {
  const shapes = shapesOf(summary);
  const constants = new Map(summary.initializers.map((i) => [i.name, shapeText(i.shape)]));
  const nodes: SceneNode[] = [];
  const nodeOfOp = new Map<string, number>();
  const nodeOfGroup = new Map<string, number>();
  const producerOf = new Map<ValueName, number>();
  for (const input of summary.inputs) {
    if (constants.has(input.name)) continue;
    producerOf.set(input.name, nodes.length);
    nodes.push(portNode("input", input.name, shapes, measure));
  }
  const { entries, frames } = shownEntries(summary.nodes.length, grouping);
  const firstBox = nodes.length;
  for (const entry of entries) {
    const members = membersOf(summary, entry);
    for (const node of members) {
      nodeOfOp.set(node.key, nodes.length);
      for (const output of node.outputs) if (output !== "") producerOf.set(output, nodes.length);
    }
    if (typeof entry !== "number") {
      nodeOfGroup.set(entry.id, nodes.length);
      nodes.push(groupNode(entry.id, entry.label, members, measure));
    } else for (const node of members) nodes.push(opNode(node, constants, measure));
  }
  for (const { group, first } of frames) nodeOfGroup.set(group.id, firstBox + first);
  const edges = edgesBetween(summary, nodeOfOp, producerOf);
  for (const output of summary.outputs) {
    const source = producerOf.get(output.name);
    if (source !== undefined) edges.push({ value: output.name, source, target: nodes.length });
    nodes.push(portNode("output", output.name, shapes, measure));
  }
  return {
    summary,
    nodes,
    frames: frames.map((frame) => sceneFrame(frame, firstBox)),
    nodeOfGroup,
    edges,
    ...indexEdges(nodes.length, edges),
    layoutInput: sizesOf(nodes, edges, measure),
    nodeOfOp,
    producerOf,
    shapes,
  };
}

function sceneFrame({ group, first, end }: OpenFrame, firstBox: number): SceneFrame {
  return { id: group.id, label: group.label, first: firstBox + first, end: firstBox + end };
}

function shapesOf(summary: ModelSummary): ReadonlyMap<ValueName, Shape> {
  const shapes = new Map<ValueName, Shape>();
  for (const list of [summary.values, summary.inputs, summary.outputs])
    for (const v of list) if (v.shape) shapes.set(v.name, v.shape);
  return shapes;
}

function membersOf({ nodes }: ModelSummary, entry: Entry): readonly NodeSummary[] {
  return typeof entry === "number" ? nodes.slice(entry, entry + 1) : nodes.slice(entry.first, entry.end);
}

/** Edges between different boxes, each value once for every two boxes. */
function edgesBetween(
  summary: ModelSummary,
  nodeOfOp: ReadonlyMap<string, number>,
  producerOf: ReadonlyMap<ValueName, number>,
): SceneEdge[] {
  const edges: SceneEdge[] = [];
  let [group, drawn] = [-1, new Set<ValueName>()];
  for (const node of summary.nodes) {
    const target = nodeOfOp.get(node.key);
    if (target === undefined) continue;
    // Members of a box follow each other.
    if (target !== group) [group, drawn] = [target, new Set()];
    for (const value of node.inputs) {
      const source = producerOf.get(value);
      if (source === undefined || source === target || drawn.has(value)) continue;
      drawn.add(value);
      edges.push({ value, source, target });
    }
  }
  return edges;
}

function portNode(
  kind: "input" | "output",
  name: ValueName,
  shapes: ReadonlyMap<ValueName, Shape>,
  measure: Measure,
): SceneNode {
  const title = middleEllipsis(name, MAX_TEXT, (t) => measure(t, "title"));
  return {
    kind,
    id: name,
    title,
    label: shapeText(shapes.get(name)),
    chips: "",
    family: "port",
    value: name,
  };
}

function opNode(node: NodeSummary, constants: ReadonlyMap<ValueName, string>, measure: Measure): SceneNode {
  const shown: string[] = [];
  let more = 0;
  for (const [i, input] of node.inputs.entries()) {
    const shape = constants.get(input);
    if (shape === undefined) continue;
    if (shown.length < MAX_CHIPS) shown.push(`${chipName(node.op, i)} ${shape}`.trim());
    else more++;
  }
  const chips = shown.join(" · ") + (more > 0 ? ` · +${more}` : "");
  return {
    kind: "op",
    id: node.key,
    title: node.op,
    label: middleEllipsis(shortLabel(node.name, node.op), MAX_TEXT, (t) => measure(t, "label")),
    chips: middleEllipsis(chips, MAX_TEXT, (t) => measure(t, "chip")),
    family: opFamily(node.op),
    value: node.outputs.find((o) => o !== "") ?? "",
  };
}

const MOST_OPS_NAMED = 3;

/** A group says how many ops it holds, and which most. */
function groupNode(id: string, name: string, members: readonly NodeSummary[], measure: Measure): SceneNode {
  const counts = new Map<string, number>();
  for (const { op } of members) counts.set(op, (counts.get(op) ?? 0) + 1);
  const usual = [...counts].sort(([, a], [, b]) => b - a);
  const head = `⊞ ${members.length} · `;
  const room = MAX_TEXT - measure(head, "title");
  const label = usual.slice(0, MOST_OPS_NAMED).map(([op, n]) => `${op} ${n}`);
  return {
    kind: "group",
    id,
    title: head + middleEllipsis(name, room, (t) => measure(t, "title")),
    label: middleEllipsis(label.join(" · "), MAX_TEXT, (t) => measure(t, "label")),
    chips: "",
    family: opFamily(usual[0]?.[0] ?? ""),
    value: "",
    members,
  };
}

/** W and B where the operator's second and third inputs are weights and bias by convention. */
function chipName(op: string, input: number): string {
  const weighted = opFamily(op) === "linear" || opFamily(op) === "norm";
  return weighted && input === 1 ? "W" : weighted && input === 2 ? "B" : "";
}

function indexEdges(nodeCount: number, edges: readonly SceneEdge[]) {
  const outEdges: number[][] = Array.from({ length: nodeCount }, () => []);
  const inEdges: number[][] = Array.from({ length: nodeCount }, () => []);
  const edgesOf = new Map<ValueName, number[]>();
  for (const [e, { value, source, target }] of edges.entries()) {
    outEdges[source]?.push(e);
    inEdges[target]?.push(e);
    const known = edgesOf.get(value);
    if (known) known.push(e);
    else edgesOf.set(value, [e]);
  }
  return { outEdges, inEdges, edgesOf };
}

function sizesOf(nodes: readonly SceneNode[], edges: readonly SceneEdge[], measure: Measure): LayoutInput {
  const sizes = new Float32Array(2 * nodes.length);
  for (const [v, node] of nodes.entries()) {
    const text = Math.max(
      measure(node.title, "title"),
      measure(node.label, "label"),
      measure(node.chips, "chip"),
    );
    sizes[2 * v] = Math.max(MIN_WIDTH, Math.ceil(text) + 2 * PADDING + STRIP + CORNER);
    sizes[2 * v + 1] = linesOf(node).reduce((sum, face) => sum + LINE[face], 12);
  }
  const ends = new Int32Array(2 * edges.length);
  for (const [e, { source, target }] of edges.entries()) ends.set([source, target], 2 * e);
  return { sizes, edges: ends };
}

/** Text lines of a box from top to bottom. */
export function linesOf(node: SceneNode): readonly Face[] {
  return [
    "title",
    ...(node.label === "" ? [] : (["label"] as const)),
    ...(node.chips === "" ? [] : (["chip"] as const)),
  ];
}

export function lineHeight(face: Face): number {
  return LINE[face];
}

/** Index of the selected box: the op itself, or the input or output that stands for a value. */
export function selectedNode(scene: GraphScene, selection: GraphSelection | undefined): number | undefined {
  if (!selection) return undefined;
  if (selection.kind === "node") return scene.nodeOfOp.get(selection.id);
  if (selection.kind === "group") return scene.nodeOfGroup.get(selection.id);
  const producer = scene.producerOf.get(selection.id);
  if (producer !== undefined && scene.nodes[producer]?.kind === "input") return producer;
  return (scene.edgesOf.get(selection.id) ?? [])
    .map((e) => scene.edges[e]?.target)
    .find((t) => t !== undefined && scene.nodes[t]?.kind === "output");
}

export function selectionOf(node: SceneNode): GraphSelection {
  const kind = { op: "node", group: "group", input: "value", output: "value" } as const;
  return { kind: kind[node.kind], id: node.id };
}
