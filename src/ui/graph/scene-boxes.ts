import type { Shape, ValueName } from "../../core/ir/graph.ts";
import type { ModelSummary, NodeSummary, SubgraphSummary } from "../../engine/reports.ts";
import { allNodes } from "../../state/select/all-nodes.ts";
import { bodyId } from "../../state/select/bodies.ts";
import type { Measure, SceneEdge, SceneFrame, SceneNode } from "./graph-scene.ts";
import { type Entry, type Grouping, shownEntries } from "./group-boxes.ts";
import { shapeText } from "./node-text.ts";
import { groupNode, opNode, portNode } from "./scene-nodes.ts";

/** Boxes in data-flow order, and what lies between them. */
export function collectBoxes(summary: ModelSummary, measure: Measure, grouping: Grouping) {
  const boxes = new BoxCollector(summary, measure, grouping.bodies ?? new Set());
  const { initializers } = summary;
  const constants = new Set(initializers.map((i) => i.name));
  for (const { name } of summary.inputs) if (!constants.has(name)) boxes.addPort("input", name, []);
  const { entries, frames } = shownEntries(summary.nodes.length, grouping);
  const starts = entries.map((entry) => {
    const start = boxes.nodes.length;
    boxes.addEntry(entry);
    return start;
  });
  starts.push(boxes.nodes.length);
  // Until now only opened nodes have frames. Groups share their rows with others, subgraphs do not.
  const clusters = Int32Array.from(boxes.frames.flatMap(({ first, end }) => [first, end]));
  for (const { group, first, end } of frames) {
    const [from, to] = [starts[first] ?? 0, starts[end] ?? 0];
    boxes.nodeOfGroup.set(group.id, from);
    boxes.frames.push({ id: group.id, closes: group.id, label: group.label, first: from, end: to });
  }
  // Outer ones first.
  boxes.frames.sort((a, b) => b.end - b.first - (a.end - a.first));
  for (const { name } of summary.outputs) boxes.addPort("output", name, [name]);
  const edges = boxes.edges();
  return { ...boxes, edges, order: orderOf(boxes.branches, edges), clusters };
}

/** Boxes first … end (exclusive) of the subgraphs of one node. */
type Branches = readonly { readonly first: number; readonly end: number }[];

/** Subgraphs of one node stand below each other: every last box of one above every first box of the next. */
function orderOf(opened: readonly Branches[], edges: readonly SceneEdge[]): Int32Array {
  const pairs: number[] = [];
  for (const branches of opened) {
    for (const [i, upper] of branches.entries()) {
      const lower = branches[i + 1];
      if (!lower) continue;
      const firsts = boxesWithout(lower, edges, "target");
      for (const last of boxesWithout(upper, edges, "source")) for (const f of firsts) pairs.push(last, f);
    }
  }
  return Int32Array.from(pairs);
}

/** Boxes of a branch that are no source, or no target, of an edge inside it. */
function boxesWithout(
  { first, end }: Branches[number],
  edges: readonly SceneEdge[],
  side: "source" | "target",
): readonly number[] {
  const within = (box: number) => box >= first && box < end;
  const has = new Set(edges.filter((e) => within(e.source) && within(e.target)).map((e) => e[side]));
  return Array.from({ length: end - first }, (_, i) => first + i).filter((box) => !has.has(box));
}

class BoxCollector {
  /** Of every opened node with several subgraphs. */
  readonly branches: Branches[] = [];
  readonly nodes: SceneNode[] = [];
  readonly frames: SceneFrame[] = [];
  readonly nodeOfOp = new Map<string, number>();
  readonly nodeOfGroup = new Map<string, number>();
  readonly producerOf = new Map<ValueName, number>();
  readonly shapes: ReadonlyMap<ValueName, Shape>;
  readonly #summary: ModelSummary;
  readonly #measure: Measure;
  readonly #bodies: ReadonlySet<string>;
  readonly #constants: ReadonlyMap<ValueName, string>;
  /** Values that each box reads. */
  readonly #reads: (readonly ValueName[])[] = [];

  constructor(summary: ModelSummary, measure: Measure, bodies: ReadonlySet<string>) {
    this.#summary = summary;
    this.#measure = measure;
    this.#bodies = bodies;
    const { values, initializers } = allNodes(summary);
    this.#constants = new Map(initializers.map((i) => [i.name, shapeText(i.shape)]));
    const shaped = [...values, ...summary.inputs, ...summary.outputs];
    this.shapes = new Map(shaped.flatMap((v) => (v.shape ? [[v.name, v.shape] as const] : [])));
  }

  addPort(kind: "input" | "output", name: ValueName, reads: readonly ValueName[]): void {
    if (kind === "input") this.producerOf.set(name, this.nodes.length);
    this.#add(portNode(kind, name, this.shapes, this.#measure), reads);
  }

  addEntry(entry: Entry): void {
    const all = this.#summary.nodes;
    if (typeof entry === "number") {
      for (const node of all.slice(entry, entry + 1)) this.#addOp(node);
      return;
    }
    const members = all.slice(entry.first, entry.end);
    for (const node of members) this.#register(node, this.nodes.length);
    this.nodeOfGroup.set(entry.id, this.nodes.length);
    const box = groupNode(entry.id, entry.label, members, this.#measure);
    this.#add(
      box,
      members.flatMap((n) => [...n.inputs, ...(n.captured ?? [])]),
    );
  }

  /** Between different boxes, each value once for every two boxes. */
  edges(): SceneEdge[] {
    return this.#reads.flatMap((values, target) =>
      [...new Set(values)].flatMap((value) => {
        const source = this.producerOf.get(value);
        return source === undefined || source === target ? [] : [{ value, source, target }];
      }),
    );
  }

  #add(node: SceneNode, reads: readonly ValueName[]): void {
    this.nodes.push(node);
    this.#reads.push(reads);
  }

  #addOp(node: NodeSummary): void {
    if (node.subgraphs && this.#bodies.has(node.key)) {
      this.#addOpened(node, node.subgraphs);
      return;
    }
    this.#register(node, this.nodes.length);
    if (node.subgraphs) this.nodeOfGroup.set(bodyId(node.key), this.nodes.length);
    const box = opNode(node, this.#constants, this.#measure);
    this.#add(box, [...node.inputs, ...(node.captured ?? [])]);
  }

  /** Subgraphs with their inputs, then the op itself: what they give goes into it, and its outputs come out of it. */
  #addOpened(node: NodeSummary, subgraphs: readonly SubgraphSummary[]): void {
    const [first, place, id] = [this.nodes.length, this.frames.length, bodyId(node.key)];
    const branches = subgraphs.map((subgraph) => {
      const begin = this.nodes.length;
      this.#addSubgraph(node, subgraph, subgraphs.length > 1);
      return { first: begin, end: this.nodes.length };
    });
    this.branches.push(branches.filter((b) => b.end > b.first));
    const box = this.nodes.length;
    this.nodeOfOp.set(node.key, box);
    for (const output of node.outputs) if (output !== "") this.producerOf.set(output, box);
    const handedIn = Math.max(0, ...subgraphs.map((s) => s.inputs.length));
    const own = node.inputs.slice(0, Math.max(0, node.inputs.length - handedIn));
    this.#add(opNode(node, this.#constants, this.#measure, "open"), [
      ...own,
      ...subgraphs.flatMap((s) => s.outputs),
    ]);
    this.nodeOfGroup.set(id, first);
    const [only] = subgraphs.length === 1 ? subgraphs : [];
    const name = node.name === "" ? "" : ` ${node.name}`;
    const label = `${node.op}${name}${only ? ` · ${only.attribute}` : ""}`;
    this.frames.splice(place, 0, { id, closes: id, label, first, end: this.nodes.length });
  }

  #addSubgraph(owner: NodeSummary, subgraph: SubgraphSummary, framed: boolean): void {
    const { attribute, inputs, nodes } = subgraph;
    const first = this.nodes.length;
    const place = this.frames.length;
    // Loop and Scan hand their last inputs on in order; what stands before them is their own.
    const skipped = owner.inputs.length - inputs.length;
    for (const [i, name] of inputs.entries()) {
      const given = owner.inputs[skipped + i] ?? "";
      this.addPort("input", name, given === "" ? [] : [given]);
    }
    for (const node of nodes) this.#addOp(node);
    if (!framed || this.nodes.length === first) return;
    const closes = bodyId(owner.key);
    const id = `${closes}:${attribute}`;
    this.frames.splice(place, 0, { id, closes, label: attribute, first, end: this.nodes.length });
  }

  /** One box stands for the node and for everything in its subgraphs. */
  #register(node: NodeSummary, box: number): void {
    this.nodeOfOp.set(node.key, box);
    for (const output of node.outputs) if (output !== "") this.producerOf.set(output, box);
    for (const { nodes, inputs } of node.subgraphs ?? []) {
      for (const input of inputs) this.producerOf.set(input, box);
      for (const inner of nodes) this.#register(inner, box);
    }
  }
}
