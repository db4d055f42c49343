import type { Shape, ValueName } from "../../core/ir/graph.ts";
import type { LayoutInput } from "../../core/layout/layout.ts";
import type { ModelSummary, NodeSummary } from "../../engine/reports.ts";
import type { GraphSelection } from "./graph-marks.ts";
import type { Grouping } from "./group-boxes.ts";
import type { OpFamily } from "./op-family.ts";
import { collectBoxes } from "./scene-boxes.ts";

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
  /** Of a closed group, and of an op with closed subgraphs: what opening it opens. */
  readonly opens?: string;
}

/** An open group, subgraph, or op with its subgraphs: boxes first … end (exclusive) belong to it. */
export interface SceneFrame {
  readonly id: string;
  /** What closing it closes. */
  readonly closes: string;
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
const LINE = { title: 17, label: 14, chip: 14 } as const;

const UNGROUPED: Grouping = { groups: [], open: "all" };

/**
 * Boxes and edges of a model. Initializers become chips of the ops that read them; closed groups are one box each; the
 * subgraphs of an opened op stand before it.
 */
export function buildScene(summary: ModelSummary, measure: Measure, grouping = UNGROUPED): GraphScene {
  const { nodes, edges, frames, nodeOfGroup, nodeOfOp, producerOf, shapes, order, clusters } = collectBoxes(
    summary,
    measure,
    grouping,
  );
  return {
    ...{ summary, nodes, edges, frames, nodeOfGroup, nodeOfOp, producerOf, shapes },
    ...indexEdges(nodes.length, edges),
    layoutInput: {
      ...sizesOf(nodes, edges, measure),
      ...(order.length > 0 && { order }),
      ...(clusters.length > 0 && { clusters }),
    },
  };
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
