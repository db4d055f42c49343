import type { Shape, ValueName } from "../../core/ir/graph.ts";
import type { LayoutInput } from "../../core/layout/layout.ts";
import type { ModelSummary, NodeSummary } from "../../engine/reports.ts";
import type { GraphSelection } from "./graph-marks.ts";
import { middleEllipsis, shapeText, shortLabel } from "./node-text.ts";
import { type OpFamily, opFamily } from "./op-family.ts";

/** Text faces of a box; a measure answers the width of a text in px at scale 1. */
export type Face = "title" | "label" | "chip";
export type Measure = (text: string, face: Face) => number;

/** One box: an op, or an input or output of the graph. */
export interface SceneNode {
  readonly kind: "op" | "input" | "output";
  /** What selecting the box selects: an op's key, or the name of an input's or output's value. */
  readonly id: string;
  readonly title: string;
  /** Second line; may be empty. */
  readonly label: string;
  /** Constants that the op reads, such as "W 64×32×3"; third line; may be empty. */
  readonly chips: string;
  readonly family: OpFamily;
  /** First output of an op, or the value of an input or output: what C and S mark. */
  readonly value: ValueName;
}

/** A value on its way to one consumer; index = edge of the layout. */
export interface SceneEdge {
  readonly value: ValueName;
  readonly source: number;
  readonly target: number;
}

/** The picture's structure, before coordinates. Marks are not part of it. */
export interface GraphScene {
  readonly nodes: readonly SceneNode[];
  readonly edges: readonly SceneEdge[];
  readonly layoutInput: LayoutInput;
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

/** Boxes and edges of a model. Initializers become chips of the ops that read them. */
export function buildScene(summary: ModelSummary, measure: Measure): GraphScene {
  const shapes = new Map<ValueName, Shape>();
  for (const v of [...summary.values, ...summary.inputs, ...summary.outputs])
    if (v.shape) shapes.set(v.name, v.shape);
  const constants = new Map(summary.initializers.map((i) => [i.name, shapeText(i.shape)]));
  const nodes: SceneNode[] = [];
  const nodeOfOp = new Map<string, number>();
  const producerOf = new Map<ValueName, number>();
  for (const input of summary.inputs) {
    if (constants.has(input.name)) continue;
    producerOf.set(input.name, nodes.length);
    nodes.push(portNode("input", input.name, shapes, measure));
  }
  for (const node of summary.nodes) {
    nodeOfOp.set(node.key, nodes.length);
    for (const output of node.outputs) if (output !== "") producerOf.set(output, nodes.length);
    nodes.push(opNode(node, constants, measure));
  }
  const edges: SceneEdge[] = [];
  for (const node of summary.nodes) {
    const target = nodeOfOp.get(node.key);
    for (const value of new Set(node.inputs)) {
      const source = producerOf.get(value);
      if (source !== undefined && target !== undefined) edges.push({ value, source, target });
    }
  }
  for (const output of summary.outputs) {
    const source = producerOf.get(output.name);
    if (source !== undefined) edges.push({ value: output.name, source, target: nodes.length });
    nodes.push(portNode("output", output.name, shapes, measure));
  }
  return {
    nodes,
    edges,
    ...indexEdges(nodes.length, edges),
    layoutInput: sizesOf(nodes, edges, measure),
    nodeOfOp,
    producerOf,
    shapes,
  };
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
  return { sizes, edges: Int32Array.from(edges.flatMap((e) => [e.source, e.target])) };
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
  const producer = scene.producerOf.get(selection.id);
  if (producer !== undefined && scene.nodes[producer]?.kind === "input") return producer;
  return (scene.edgesOf.get(selection.id) ?? [])
    .map((e) => scene.edges[e]?.target)
    .find((t) => t !== undefined && scene.nodes[t]?.kind === "output");
}

export function selectionOf(node: SceneNode): GraphSelection {
  return { kind: node.kind === "op" ? "node" : "value", id: node.id };
}
