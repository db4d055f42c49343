import { fail } from "../base/problem.ts";
import type { Graph, Model, Node, Shape, ValueInfo, ValueName } from "../ir/graph.ts";
import { byteLength, type DType, sizeOf } from "../ir/tensor.ts";
import { consumersOf, producersOf, realInputs, usedBy } from "../ir/walk.ts";
import type { Inference } from "./analysis.ts";
import { filledTensor } from "./filled-tensor.ts";
import { matchNames } from "./state-names.ts";

/** Why two ports read as one state. */
export type StateClue =
  /** Their names differ only in words of direction. */
  | "name"
  /** Their names count on: state k, state k + 1. */
  | "count"
  /** Every extent is known and equal (otherwise: none contradicts). */
  | "shape"
  /** The output depends on the input. */
  | "reach"
  /** The input becomes the initial state of a recurrent operator whose last state is the output. */
  | "recurrent"
  /** The input is joined with new frames, and the output is cut out of what was joined, or out of the new frames. */
  | "window"
  /** The user said so. */
  | "confirmed";

/** A state that a model already carries from step to step. */
export interface StatePair {
  readonly input: ValueName;
  readonly output: ValueName;
  /** 0 to 1; how sure the recogniser is, from the clues. The user confirms. */
  readonly confidence: number;
  readonly why: readonly StateClue[];
  readonly dtype: DType;
  readonly shape: Shape;
  /** Every element at reset; absent: 0. */
  readonly init?: number;
}

export interface StatePairs {
  readonly pairs: readonly StatePair[];
  /** What is left: the data of the model. */
  readonly rest: { readonly inputs: readonly ValueName[]; readonly outputs: readonly ValueName[] };
}

/** Confidence of a clue; dtype and possible shapes are required of every pair. */
const WEIGHTS: Readonly<Record<StateClue, number>> = {
  name: 0.4,
  count: 0.2,
  shape: 0.15,
  reach: 0.25,
  recurrent: 0.3,
  window: 0.3,
  confirmed: 1,
};

const MOVEMENT = new Set([
  "Identity",
  "Cast",
  "Slice",
  "Split",
  "Gather",
  "Reshape",
  "Squeeze",
  "Unsqueeze",
  "Transpose",
  "Flatten",
]);
const JOINS = new Set([...MOVEMENT, "Concat", "ScatterND", "ScatterElements"]);
const RECURRENT = new Set(["LSTM", "GRU", "RNN"]);

/**
 * The state pairs of a model that already carries its caches: ports of one dtype and of shapes that can be equal, the
 * output reachable from the input, told by their names or by how the graph makes the one from the other. Equal shapes
 * alone are not enough: a denoiser's output looks like its input. A chunk as long as the cache replaces all of it: then
 * name and structure together stand for reach. A model of which nothing would be left has no states.
 */
export function statePairs({ graph }: Pick<Model, "graph">, inference: Inference): StatePairs {
  const inputs = realInputs(graph);
  const links = new Links(graph);
  const found: StatePair[] = [];
  for (const input of inputs) {
    for (const output of graph.outputs) {
      const pair = pairOf(input, output, inference, links);
      if (pair) found.push(pair);
    }
  }
  const order = found.map((pair, i) => ({ pair, i }));
  order.sort((a, b) => b.pair.confidence - a.pair.confidence || a.i - b.i);
  const taken = new Map<ValueName, StatePair>();
  const made = new Set<ValueName>();
  for (const { pair } of order) {
    if (taken.has(pair.input) || made.has(pair.output)) continue;
    taken.set(pair.input, pair);
    made.add(pair.output);
  }
  const pairs = inputs.map((v) => taken.get(v.name)).filter((p) => p !== undefined);
  const rest = restOf(graph, pairs);
  if (rest.inputs.length === 0 || rest.outputs.length === 0) return { pairs: [], rest: restOf(graph, []) };
  return { pairs, rest };
}

/**
 * The states as the user named them, instead of recognised ones. Throws `stream.stateInvalid` for names that are not an
 * input and an output of one type whose shapes can be equal.
 */
export function confirmedPairs(
  { graph }: Pick<Model, "graph">,
  inference: Inference,
  names: readonly { readonly input: ValueName; readonly output: ValueName; readonly init?: number }[],
): StatePairs {
  const named = (name: ValueName, side: "input" | "output") => names.filter((n) => n[side] === name).length;
  const pairs = names.map(({ input, output, init = 0 }): StatePair => {
    const isPair =
      realInputs(graph).some((v) => v.name === input) &&
      graph.outputs.some((v) => v.name === output) &&
      named(input, "input") === 1 &&
      named(output, "output") === 1;
    const [a, b] = [inference.info(input), inference.info(output)];
    const { dtype, shape } = a;
    if (!isPair || !dtype || !shape || (b.dtype !== undefined && b.dtype !== dtype))
      return fail({ code: "stream.stateInvalid", input, output });
    if (compareShapes(shape, b.shape) === "different") fail({ code: "stream.stateInvalid", input, output });
    return { input, output, confidence: 1, why: ["confirmed"], dtype, shape, ...(init !== 0 && { init }) };
  });
  return { pairs, rest: restOf(graph, pairs) };
}

/** The states among these whose contents are only moved about: past frames, which a quantized model may keep as integers. */
export function movedStates(
  graph: Graph,
  pairs: readonly Pick<StatePair, "input" | "output">[],
): ReadonlySet<ValueName> {
  const links = new Links(graph);
  const moved = pairs.filter((p) => links.structure(p.input, p.output) === "window");
  return new Set(moved.map((p) => p.input));
}

function restOf(graph: Graph, pairs: readonly StatePair[]): StatePairs["rest"] {
  const [inputs, outputs] = [new Set(pairs.map((p) => p.input)), new Set(pairs.map((p) => p.output))];
  return {
    inputs: realInputs(graph).flatMap((v) => (inputs.has(v.name) ? [] : [v.name])),
    outputs: graph.outputs.flatMap((v) => (outputs.has(v.name) ? [] : [v.name])),
  };
}

function pairOf(
  input: ValueInfo,
  output: ValueInfo,
  inference: Inference,
  links: Links,
): StatePair | undefined {
  const a = { ...input, ...inference.info(input.name) };
  const b = { ...output, ...inference.info(output.name) };
  if (!a.dtype || !a.shape || (b.dtype !== undefined && b.dtype !== a.dtype)) return undefined;
  const shapes = compareShapes(a.shape, b.shape);
  if (shapes === "different") return undefined;
  const match = matchNames(input.name, output.name);
  const reached = links.reaches(input.name, output.name);
  if (!reached && match !== "exact") return undefined;
  const structure = links.structure(input.name, output.name);
  if (!reached && structure !== "window") return undefined;
  const why: StateClue[] = [
    ...(match === "exact" ? (["name"] as const) : match === "counted" ? (["count"] as const) : []),
    ...(shapes === "equal" ? (["shape"] as const) : []),
    ...(reached ? (["reach"] as const) : []),
    ...(structure ? [structure] : []),
  ];
  if (match === undefined && structure === undefined) return undefined;
  const sum = why.reduce((n, clue) => n + WEIGHTS[clue], 0);
  const confidence = Math.min(1, Math.round(sum * 100) / 100);
  return { input: input.name, output: output.name, confidence, why, dtype: a.dtype, shape: a.shape };
}

/** Symbols of different names may stand for the same number: exporters name the same axis anew at every output. */
function compareShapes(a: Shape, b: Shape | undefined): "equal" | "possible" | "different" {
  if (!b) return "possible";
  if (a.length !== b.length) return "different";
  if (a.some((d, i) => typeof d === "number" && typeof b[i] === "number" && d !== b[i])) return "different";
  return a.every((d, i) => d !== null && d === b[i]) ? "equal" : "possible";
}

/** What leads where in a graph. */
class Links {
  private readonly graph: Graph;
  private readonly makers: ReadonlyMap<ValueName, Node>;
  private readonly readers: ReadonlyMap<ValueName, readonly Node[]>;
  private readonly ahead = new Map<ValueName, ReadonlySet<ValueName>>();
  private readonly moved = new Map<ValueName, ReadonlySet<ValueName>>();
  private readonly madeFrom = new Map<ValueName, ReadonlySet<ValueName>>();

  constructor(graph: Graph) {
    this.graph = graph;
    this.makers = producersOf(graph);
    this.readers = consumersOf(graph);
  }

  reaches(input: ValueName, output: ValueName): boolean {
    return remember(this.ahead, input, () => this.forward(input, () => true)).has(output);
  }

  structure(input: ValueName, output: ValueName): "recurrent" | "window" | undefined {
    const moved = remember(this.moved, input, () => this.forward(input, (n) => MOVEMENT.has(n.op)));
    const sources = remember(this.madeFrom, output, () => this.backward(output));
    for (const node of this.graph.nodes) {
      if (RECURRENT.has(node.op)) {
        const starts = node.inputs.slice(5, 7).some((name) => moved.has(name));
        if (starts && node.outputs.some((name) => sources.has(name))) return "recurrent";
      } else if (node.op === "Concat") {
        const grows = node.inputs.some((name) => moved.has(name));
        // The joined value, or the new frames in it: a long chunk needs nothing of the old cache.
        const kept = [...node.outputs, ...node.inputs].some((name) => sources.has(name));
        if (grows && kept) return "window";
      }
    }
    return undefined;
  }

  private forward(from: ValueName, through: (node: Node) => boolean): ReadonlySet<ValueName> {
    const seen = new Set([from]);
    const queue = [from];
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      for (const node of this.readers.get(name) ?? []) {
        if (!through(node)) continue;
        for (const next of node.outputs) if (!seen.has(next)) queue.push(next);
        for (const next of node.outputs) seen.add(next);
      }
    }
    return seen;
  }

  /** Values that the output is cut out of or put together from, up to the operators that compute them. */
  private backward(output: ValueName): ReadonlySet<ValueName> {
    const seen = new Set([output]);
    const queue = [output];
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      const node = this.makers.get(name);
      if (!node || !JOINS.has(node.op)) continue;
      for (const next of usedBy(node)) if (!seen.has(next)) queue.push(next);
      for (const next of usedBy(node)) seen.add(next);
    }
    return seen;
  }
}

function remember<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}

/** Extents of a state; what the file leaves open is 1 (a batch of one). */
export function stateDims({ shape }: Pick<StatePair, "shape">): number[] {
  return shape.map((d) => (typeof d === "number" ? d : 1));
}

export function stateBytes(pairs: readonly StatePair[]): number {
  return pairs.reduce((n, p) => n + byteLength(p.dtype, sizeOf(stateDims(p))), 0);
}

/**
 * The offline form of a model whose states are ports: every state starts at zero, as at reset, and is not given out.
 * Whole clips go through it in one run, if its time axis is open.
 */
export function withoutStates(model: Model, pairs: readonly StatePair[]): Model {
  const { graph } = model;
  const inputs = new Set(pairs.map((p) => p.input));
  const outputs = new Set(pairs.map((p) => p.output));
  const zeros = pairs.map((p) => [p.input, filledTensor(p.dtype, stateDims(p), 0)] as const);
  return {
    ...model,
    graph: {
      ...graph,
      inputs: graph.inputs.filter((v) => !inputs.has(v.name)),
      outputs: graph.outputs.filter((v) => !outputs.has(v.name)),
      initializers: new Map([...graph.initializers, ...zeros]),
    },
  };
}
