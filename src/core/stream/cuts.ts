import { fail } from "../base/problem.ts";
import { type Graph, type Node, nodeKey, type ValueName } from "../ir/graph.ts";
import { byteLength, sizeOf } from "../ir/tensor.ts";
import { consumersOf, producersOf } from "../ir/walk.ts";
import type { StreamAnalysis } from "./analysis.ts";
import { type Extents, extentsFor } from "./extents.ts";
import { FlowNetwork, UNCUTTABLE } from "./max-flow.ts";
import { readsOf } from "./scope.ts";

/** Nodes upstream of one split point. */
export interface Cut {
  /** The marks that this cut serves, in graph order. */
  readonly values: readonly ValueName[];
  readonly upstream: ReadonlySet<Node>;
}

/**
 * One cut per marked value, nested in graph order (each upstream contains the one before). A cut passes through its
 * value, with every ancestor upstream and every reader downstream, and is the one over which the fewest bytes per
 * chunk cross. Marks that end up at the same cut share it. Static nodes belong to no side.
 * Throws `plan.unknownValue` and `plan.cutImpossible`.
 */
export function cutsThrough(analysis: StreamAnalysis, splits: readonly ValueName[], chunk: number): Cut[] {
  const places = new CutGraph(analysis, chunk);
  const marks = places.inOrder(splits);
  const cuts: Cut[] = [];
  let before: ReadonlySet<Node> = new Set();
  for (const [i, value] of marks.entries()) {
    const last = cuts.at(-1);
    if (last && places.passes(value, last.upstream)) {
      cuts[cuts.length - 1] = { ...last, values: [...last.values, value] };
      continue;
    }
    before = places.minimalCut(value, before, marks.slice(i + 1));
    cuts.push({ values: [value], upstream: before });
  }
  return cuts;
}

/** Everything that a cut divides, and what each cut costs. */
export class CutGraph {
  /** The nodes that move with time, in graph order. */
  readonly nodes: readonly Node[];
  private readonly analysis: StreamAnalysis;
  private readonly extents: Extents;
  private readonly graph: Graph;
  private readonly indexOf: ReadonlyMap<Node, number>;
  private readonly producers: ReadonlyMap<ValueName, Node>;
  private readonly consumers: ReadonlyMap<ValueName, readonly Node[]>;

  /** `chunk`: model-input frames over which bytes are counted. */
  constructor(analysis: StreamAnalysis, chunk: number) {
    this.analysis = analysis;
    this.extents = extentsFor(analysis, chunk);
    this.graph = analysis.graph;
    this.nodes = this.graph.nodes.filter((n) => isMoving(analysis, n));
    this.indexOf = new Map(this.nodes.map((n, i) => [n, i]));
    this.producers = producersOf(this.graph);
    this.consumers = consumersOf(this.graph);
  }

  /** The marks in the order of their makers, each once. */
  inOrder(splits: readonly ValueName[]): ValueName[] {
    const place = (value: ValueName): number => this.indexOf.get(this.makerOf(value)) ?? 0;
    return [...new Set(splits)].sort((a, b) => place(a) - place(b));
  }

  passes(value: ValueName, upstream: ReadonlySet<Node>): boolean {
    return upstream.has(this.makerOf(value)) && this.readersOf(value).every((n) => !upstream.has(n));
  }

  /** Nodes upstream of the cheapest cut through `value` that keeps `before` upstream and `later` marks' readers down. */
  minimalCut(value: ValueName, before: ReadonlySet<Node>, later: readonly ValueName[]): ReadonlySet<Node> {
    const network = new FlowNetwork(this.nodes.length + 2 + this.valueCount());
    const [source, sink] = [this.nodes.length, this.nodes.length + 1];
    this.connectValues(network, source, sink + 1);
    const up = new Set([...before, this.makerOf(value)]);
    const down = new Set([value, ...later].flatMap((v) => this.readersOf(v)));
    for (const node of up) network.connect(source, this.at(node), UNCUTTABLE);
    for (const node of down) if (!before.has(node)) network.connect(this.at(node), sink, UNCUTTABLE);
    const side = network.sourceSide(source, sink);
    return new Set(this.nodes.filter((_, i) => side[i] === 1));
  }

  /** What is needed behind a cut: model inputs first, then values in graph order. */
  crossing(upstream: ReadonlySet<Node>): ValueName[] {
    const inputs = this.graph.inputs
      .map((v) => v.name)
      .filter((name) => this.analysis.facts.get(name)?.kind === "stream");
    const made = this.nodes.filter((n) => upstream.has(n)).flatMap((n) => n.outputs);
    return [...inputs, ...made].filter(
      (name) => name !== "" && this.readersOf(name).some((n) => !upstream.has(n)),
    );
  }

  /** Position of a node among those that move. */
  at(node: Node): number {
    const index = this.indexOf.get(node);
    if (index === undefined) throw new Error(`${nodeKey(node)} does not move with time`);
    return index;
  }

  private valueCount(): number {
    return this.nodes.reduce((n, node) => n + node.outputs.length, 0) + this.graph.inputs.length;
  }

  /** A vertex per value: its bytes are paid once however many readers are downstream. */
  private connectValues(network: FlowNetwork, source: number, firstValue: number): void {
    let vertex = firstValue;
    const connect = (value: ValueName, maker: number): void => {
      const readers = this.readersOf(value);
      if (readers.length === 0) return;
      network.connect(maker, vertex, this.bytesOf(value));
      for (const reader of readers) {
        network.connect(vertex, this.at(reader), UNCUTTABLE);
        // A reader upstream pulls the maker upstream.
        if (maker !== source) network.connect(this.at(reader), maker, UNCUTTABLE);
      }
      vertex++;
    };
    for (const input of this.graph.inputs) {
      if (this.analysis.facts.get(input.name)?.kind === "stream") connect(input.name, source);
    }
    for (const [i, node] of this.nodes.entries()) for (const out of node.outputs) if (out) connect(out, i);
  }

  bytesOf(value: ValueName): number {
    // Inside an attention nothing crosses: its keys stand beside a history of their own.
    if (this.analysis.grids.has(value)) return UNCUTTABLE;
    return byteLength(this.extents.dtype(value), sizeOf(this.extents.shape(value) ?? [1]));
  }

  readersOf(value: ValueName): Node[] {
    return (this.consumers.get(value) ?? []).filter(
      (n) => this.indexOf.has(n) && readsOf(this.analysis, n).includes(value),
    );
  }

  /** Throws `plan.unknownValue` and `plan.cutImpossible` where no cut can pass. */
  makerOf(value: ValueName): Node {
    const maker = this.producers.get(value);
    const fact = this.analysis.facts.get(value);
    const isInput = this.graph.inputs.some((i) => i.name === value);
    if (!maker && !isInput && isCarried(this.graph, value))
      fail({ code: "plan.cutImpossible", value, why: "crossesState" });
    if (!maker && !isInput) fail({ code: "plan.unknownValue", value, mark: "split" });
    if (isInput) fail({ code: "plan.cutImpossible", value, why: "isInput" });
    if (!maker || !fact || fact.kind === "static" || !this.indexOf.has(maker))
      return fail({ code: "plan.cutImpossible", value, why: "notStreamed" });
    if (this.readersOf(value).length === 0) fail({ code: "plan.cutImpossible", value, why: "isOutput" });
    return maker;
  }
}

/** A name of what an operator keeps to itself from frame to frame: its cache, or a value inside its loop. */
function isCarried(graph: Graph, value: ValueName): boolean {
  if (/^(state|cache)\./.test(value)) return true;
  const inside = (g: Graph): boolean =>
    g.inputs.some((v) => v.name === value) ||
    g.nodes.some((n) => n.outputs.includes(value) || bodiesOf(n).some(inside));
  return graph.nodes.some((n) => bodiesOf(n).some(inside));
}

function bodiesOf(node: Node): Graph[] {
  return Object.values(node.attributes).flatMap((a) => (a.kind === "graph" ? [a.value] : []));
}

function isMoving(analysis: StreamAnalysis, node: Node): boolean {
  const kind = analysis.plans.get(node)?.kind;
  return kind !== undefined && kind !== "static" && kind !== "length" && kind !== "grid";
}
