import { ONE } from "../base/rational.ts";
import { type Graph, type Model, nodeKey, type ValueInfo, type ValueName } from "../ir/graph.ts";
import { realInputs, usedBy } from "../ir/walk.ts";
import { rulesFor } from "../ops/catalogue.ts";
import type { Inference, StreamAnalysis, TimeAxes } from "./analysis.ts";
import { costOf } from "./cost.ts";
import { extentsFor } from "./extents.ts";
import { EXACT, NO_JUNK, type StreamFact } from "./fact.ts";
import type { Cache, Module, Port } from "./module.ts";
import { portOf } from "./ports.ts";
import { scheduleOf } from "./schedule.ts";
import { movedStates, type StatePair, stateDims } from "./state-pairs.ts";
import type { Streaming } from "./streaming-model.ts";

export interface CarriedOptions {
  /** Frames per step. Every extent of `inference` belongs to this chunk. */
  readonly chunk: number;
  /** Data input → time axis. */
  readonly axes: TimeAxes;
  readonly pairs: readonly StatePair[];
  /** Name of the module. */
  readonly name: string;
}

/**
 * A model that already carries its states, in the form of a converted one: a single module, whose caches are the model's
 * own states under their own names. Nothing is converted and nothing proved: a value exists once per step, outputs that
 * keep the input's time axis are streams without delay.
 */
export function carriedModel(
  { graph, opsets }: Pick<Model, "graph" | "opsets">,
  inference: Inference,
  { chunk, axes, pairs, name }: CarriedOptions,
): Streaming {
  const data = withoutPorts(graph, pairs);
  const analysis: StreamAnalysis = {
    graph: data,
    inference,
    rulesOf: rulesFor,
    axes,
    facts: factsOf(graph, data, inference, { axes, chunk }),
    lags: new Map(),
    cleanLags: new Map(),
    lengths: new Map(),
    exactEnd: false,
    grids: new Map(),
    bands: new Map(),
    limits: [],
    wrong: new Map(),
    warmUp: "causal-free",
    approximate: new Map(),
    plans: new Map(),
    refusals: [],
    minimalChunk: chunk,
  };
  const extents = extentsFor(analysis, chunk);
  const port = (v: ValueInfo): Port => portOf(analysis, extents, v.name, new Set());
  const inputs = realInputs(data).map(port);
  const outputs = data.outputs.map(port);
  const caches = pairs.map((pair) => cacheOf(graph, pair, axes));
  const info = (v: Pick<Port, "name" | "dtype" | "shape">): ValueInfo => ({
    name: v.name,
    dtype: v.dtype,
    shape: v.shape,
  });
  const side = (at: "input" | "output") => caches.map((c) => info({ ...c, name: c[at] }));
  const written: Graph = {
    ...graph,
    name,
    inputs: [...inputs.map(info), ...side("input")],
    outputs: [...outputs.map(info), ...side("output")],
  };
  const cost = costOf(analysis, extents, graph.nodes, written, caches);
  const module: Module = { name, chunk, gateRuns: 0, graph: written, inputs, outputs, caches, cost };
  return {
    model: {
      chunk,
      roundFrames: chunk,
      inputs,
      outputs,
      modules: [module],
      opsets,
      warmUp: { policy: "causal-free", wrongFrames: 0 },
      flushSteps: 0,
    },
    analysis,
    nodes: [graph.nodes],
    crossings: [],
    schedule: scheduleOf([cost], { chunk, unit: chunk }),
    keptAgainstMark: [],
  };
}

/** The graph as its data sees it: states are neither inputs nor outputs. */
function withoutPorts(graph: Graph, pairs: readonly StatePair[]): Graph {
  const states = new Set(pairs.flatMap((p) => [p.input, p.output]));
  return {
    ...graph,
    inputs: graph.inputs.filter((v) => !states.has(v.name)),
    outputs: graph.outputs.filter((v) => !states.has(v.name)),
  };
}

function factsOf(
  graph: Graph,
  data: Graph,
  inference: Inference,
  { axes, chunk }: Pick<CarriedOptions, "axes" | "chunk">,
): Map<ValueName, StreamFact> {
  const facts = new Map<ValueName, StreamFact>();
  const field = { past: Number.POSITIVE_INFINITY, future: 0 };
  const perStep: StreamFact = { kind: "perStep", rate: ONE, delay: 0, windowFrames: 1, field, exact: EXACT };
  const stream = (axis: number): StreamFact => ({
    kind: "stream",
    axis,
    rate: ONE,
    delay: 0,
    junk: NO_JUNK,
    field,
    exact: EXACT,
  });
  for (const { name } of realInputs(graph)) facts.set(name, perStep);
  for (const { name } of realInputs(data)) {
    const axis = axes[name];
    facts.set(name, axis === undefined ? { kind: "static" } : stream(axis));
  }
  const moving = (name: ValueName) => (facts.get(name)?.kind ?? "static") !== "static";
  for (const node of graph.nodes) {
    const fact: StreamFact = usedBy(node).some(moving) ? perStep : { kind: "static" };
    for (const output of node.outputs) if (output !== "") facts.set(output, fact);
  }
  for (const { name } of data.outputs) {
    const axis = Object.entries(axes).find(([input, at]) => {
      const [a, b] = [inference.info(input).shape, inference.info(name).shape];
      return a?.length === b?.length && b?.[at] === chunk;
    })?.[1];
    if (axis !== undefined && moving(name)) facts.set(name, stream(axis));
  }
  return facts;
}

function cacheOf(graph: Graph, pair: StatePair, axes: TimeAxes): Cache {
  const shape = stateDims(pair);
  const kind = movedStates(graph, [pair]).size > 0 ? "window" : "state";
  const axis = Math.min(Object.values(axes)[0] ?? 0, Math.max(0, shape.length - 1));
  return {
    kind,
    value: pair.input,
    input: pair.input,
    output: pair.output,
    shape,
    axis,
    frames: shape[axis] ?? 1,
    dtype: pair.dtype,
    init: pair.init ?? 0,
    readers: graph.nodes
      .filter((node) => usedBy(node).includes(pair.input))
      .map((node) => ({ node: nodeKey(node), use: "state", frames: shape[axis] ?? 1 })),
  };
}
