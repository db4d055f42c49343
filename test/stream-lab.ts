import { encodeModel } from "../src/core/format/onnx/encode-model.ts";
import { makeModel } from "../src/core/format/onnx/make-model.ts";
import { sliceAxis, unstackChunks } from "../src/core/ir/axis.ts";
import {
  type Attribute,
  type Graph,
  intAttribute,
  intsAttribute,
  type Model,
  makeNode,
  type Node,
  stringAttribute,
} from "../src/core/ir/graph.ts";
import { floats, floatTensor, longTensor, sizeOf, type Tensor } from "../src/core/ir/tensor.ts";
import { inferShapes } from "../src/core/passes/infer-shapes.ts";
import type { StreamAnalysis, TimeAxes } from "../src/core/stream/analysis.ts";
import { deriveFacts } from "../src/core/stream/facts.ts";
import { initialTensor } from "../src/core/stream/filled-tensor.ts";
import { type Cache, type Module, type StreamingModel, startingModule } from "../src/core/stream/module.ts";
import { offlineReference } from "../src/core/stream/offline-reference.ts";
import type { ScanWrapper } from "../src/core/stream/scan.ts";
import type { Runtime } from "../src/engine/ports.ts";
import { createRuntime } from "../src/runtime/ort.ts";

/* Small graphs by code, and runs of them in the real runtime: what the tests of core/stream share. */

const OPSET = 17;
const runtime: Runtime = createRuntime();

/** Whole numbers in [-span, span] that repeat for the same seed: sums of their products are exact in float32. */
export function integers(seed: number, dims: readonly number[], span: number): Tensor {
  let state = (seed * 2654435761 + 1) >>> 0;
  const values = Array.from({ length: sizeOf(dims) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (Math.floor(state / 65536) % (2 * span + 1)) - span;
  });
  return floatTensor(values, dims);
}

type Given = number | readonly number[] | string | Attribute;

function attribute(value: Given): Attribute {
  if (typeof value === "number") return intAttribute(value);
  if (typeof value === "string") return stringAttribute(value);
  return "kind" in value ? value : intsAttribute(value);
}

/** Collects the nodes and constants of a small model; every method answers with the name of its output. */
export class GraphSketch {
  private readonly nodes: Node[] = [];
  private readonly initializers = new Map<string, Tensor>();
  private readonly inputs: Graph["inputs"][number][] = [];
  private seed: number;

  constructor(seed = 1) {
    this.seed = seed * 1000;
  }

  input(name: string, shape: Graph["inputs"][number]["shape"] & {}): string {
    this.inputs.push({ name, dtype: "float32", shape });
    return name;
  }

  /** Nodes so far: for names of constants that must not repeat. */
  get size(): number {
    return this.nodes.length;
  }

  constant(name: string, tensor: Tensor): string {
    this.initializers.set(name, tensor);
    return name;
  }

  /** An int64 vector as initializer. */
  longs(values: readonly number[]): string {
    return this.constant(`k${this.initializers.size}`, longTensor(values));
  }

  op(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Given>> = {},
    name?: string,
  ): string {
    const output = name ?? `${op.toLowerCase()}${this.nodes.length}`;
    const written = Object.fromEntries(Object.entries(attributes).map(([k, v]) => [k, attribute(v)]));
    this.nodes.push(makeNode(op, inputs, [output], written));
    return output;
  }

  /** A node with several outputs; "" leaves one out. */
  node(
    op: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Given>> = {},
  ): readonly string[] {
    const written = Object.fromEntries(Object.entries(attributes).map(([k, v]) => [k, attribute(v)]));
    this.nodes.push(makeNode(op, inputs, outputs, written));
    return outputs;
  }

  /** An If on a value that says which branch is taken. */
  branches(condition: string, then: Graph, otherwise: Graph, output: string): string {
    const attributes = {
      then_branch: { kind: "graph", value: then },
      else_branch: { kind: "graph", value: otherwise },
    } as const;
    this.nodes.push(makeNode("If", [condition], [output], attributes));
    return output;
  }

  /** Conv (any rank) with integer weights in [-2, 2] and a bias. */
  conv(x: string, dims: readonly number[], attributes: Readonly<Record<string, Given>> = {}): string {
    const weight = this.constant(`w${this.nodes.length}`, integers(++this.seed, dims, 2));
    const bias = this.constant(`b${this.nodes.length}`, integers(++this.seed, [dims[0] ?? 1], 2));
    return this.op("Conv", [x, weight, bias], attributes);
  }

  model(outputs: readonly string[], opset = OPSET): Model {
    const graph: Graph = {
      name: "sketch",
      inputs: this.inputs,
      outputs: outputs.map((name) => ({ name, dtype: "float32" })),
      initializers: this.initializers,
      nodes: this.nodes,
      values: new Map(),
    };
    return makeModel(graph, { opset });
  }
}

export function analyse(model: Model, axes: TimeAxes): StreamAnalysis {
  return deriveFacts(model, inferShapes(model), axes);
}

export async function runGraph(
  model: Pick<Model, "opsets" | "irVersion">,
  graph: Graph,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Tensor>> {
  const session = await openGraph(model, graph);
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

function openGraph(model: Pick<Model, "opsets" | "irVersion">, graph: Graph) {
  const { opsets, irVersion } = model;
  const whole = {
    irVersion,
    opsets,
    producer: { name: "", version: "" },
    metadata: new Map(),
    functions: [],
    graph,
  };
  return runtime.open(encodeModel(whole), { optimization: "basic" });
}

export function initialCache(cache: Cache): Tensor {
  return initialTensor(cache);
}

/** Per step: every value that leaves a module. Streaming inputs are cut into chunks; caches start at their fill. */
export async function runSteps(
  model: Model,
  modules: readonly Module[],
  feeds: Readonly<Record<string, Tensor>>,
  steps: number,
  corrupt: (caches: Map<string, Tensor>, step: number) => void = () => {},
): Promise<Record<string, Tensor>[]> {
  const sessions = await Promise.all(modules.map((m) => openGraph(model, m.graph)));
  const starts = await Promise.all(modules.map((m) => m.start && openGraph(model, m.start.graph)));
  const first = modules.map(startingModule);
  const caches = first.map((m) => new Map(m.caches.map((c) => [c.input, initialCache(c)])));
  const results: Record<string, Tensor>[] = [];
  for (let step = 0; step < steps; step++) {
    const values: Record<string, Tensor> = {};
    for (const [i, module] of modules.entries()) {
      const state = caches[i] ?? new Map<string, Tensor>();
      corrupt(state, step);
      const starting = step < (module.start?.runs ?? 0);
      const kept = (starting ? first[i]?.caches : module.caches) ?? [];
      const given: Record<string, Tensor> = {};
      for (const { input } of kept) given[input] = must(state.get(input));
      for (const port of module.inputs) {
        const tensor = values[port.name] ?? feeds[port.name];
        if (!tensor) throw new Error(`no value for ${port.name}`);
        const whole = values[port.name] !== undefined || port.axis === undefined;
        const n = port.framesPerStep;
        given[port.name] = whole ? tensor : sliceAxis(tensor, port.axis ?? 0, step * n, (step + 1) * n);
      }
      const out = await (starting ? starts : sessions)[i]?.run(given);
      for (const port of module.outputs) values[port.name] = must(out?.[port.name]);
      for (const cache of kept)
        if (step >= (cache.holdSteps ?? 0)) state.set(cache.input, must(out?.[cache.output]));
    }
    results.push(values);
  }
  for (const session of [...sessions, ...starts]) await session?.release();
  return results;
}

/** All steps in one run of the Scan wrapper; results by name, [steps, …]. */
export function runScan(
  model: Model,
  wrapper: ScanWrapper,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Tensor>> {
  const states = Object.fromEntries(wrapper.states.map((s) => [s.input, initialCache(s.cache)]));
  return runGraph(model, wrapper.graph, { ...feeds, ...states });
}

export interface Difference {
  readonly value: string;
  readonly frames: number;
  readonly maxAbs: number;
  /** maxAbs over the reference's range. */
  readonly relative: number;
}

/**
 * Stitches the streaming value, drops its delay, and compares every frame that both sides have with offline. The run
 * covers `steps` chunks of real input, so the last `lag` frames of offline have no twin, and frames that read padding
 * behind the end have none either.
 */
export function compareStream(
  analysis: StreamAnalysis,
  value: string,
  stacked: Tensor,
  offline: Tensor,
  chunk: number,
): Difference {
  const fact = analysis.facts.get(value);
  if (fact?.kind === "stream") {
    const stitched = unstackChunks(stacked, fact.axis);
    const clean =
      (stitched.dims[fact.axis] ?? 0) - fact.delay + Math.min(0, analysis.cleanLags.get(value) ?? 0);
    const frames = Math.max(0, Math.min(clean, offline.dims[fact.axis] ?? 0));
    const a = sliceAxis(stitched, fact.axis, fact.delay, fact.delay + frames);
    const b = sliceAxis(offline, fact.axis, 0, frames);
    return { value, frames, ...differenceOf(a, b) };
  }
  if (fact?.kind === "perStep") {
    const perStep = (chunk * fact.rate.num) / fact.rate.den;
    const first = Math.ceil(fact.windowFrames / perStep) - 1;
    const steps = stacked.dims[0] ?? 0;
    const a = sliceAxis(stacked, 0, first, steps);
    return { value, frames: steps - first, ...differenceOf(a, sliceAxis(offline, 0, first, steps)) };
  }
  throw new Error(`${value} does not stream`);
}

export function differenceOf(a: Tensor, b: Tensor): { maxAbs: number; relative: number } {
  const [x, y] = [floats(a), floats(b)];
  if (x.length !== y.length) throw new Error(`${a.dims} against ${b.dims}`);
  let maxAbs = 0;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < x.length; i++) {
    const [p, q] = [x[i] ?? Number.NaN, y[i] ?? Number.NaN];
    const d = p === q ? 0 : Math.abs(p - q);
    maxAbs = Number.isNaN(d) ? Number.POSITIVE_INFINITY : Math.max(maxAbs, d);
    low = Math.min(low, q);
    high = Math.max(high, q);
  }
  return { maxAbs, relative: maxAbs / Math.max(high - low, 1e-30) };
}

/** The model's outputs offline over the whole clip: the file's own graph, or the prefix reference for per-step outputs. */
export async function runOffline(
  model: Model,
  analysis: StreamAnalysis,
  feeds: Readonly<Record<string, Tensor>>,
  { chunk, steps }: { chunk: number; steps: number },
): Promise<Record<string, Tensor>> {
  const observe = model.graph.outputs.map((o) => o.name);
  if (observe.every((name) => analysis.facts.get(name)?.kind === "stream"))
    return runGraph(model, model.graph, feeds);
  const reference = offlineReference(model, analysis, { chunk, steps, observe });
  return runGraph(model, reference.graph, feeds);
}

/** [steps, …] of one value from the results of single steps. */
export function stackSteps(results: readonly Record<string, Tensor>[], value: string): Tensor {
  const parts = results.map((r) => must(r[value]));
  const first = must(parts[0]);
  const bytes = new Uint8Array(parts.length * first.bytes.byteLength);
  for (const [i, part] of parts.entries()) bytes.set(part.bytes, i * first.bytes.byteLength);
  return { dtype: first.dtype, dims: [parts.length, ...first.dims], bytes };
}

export function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("missing");
  return value;
}

/** Offline against streaming, step by step, for every output; worst first. */
export async function parity(
  model: Model,
  analysis: StreamAnalysis,
  streaming: Pick<StreamingModel, "modules">,
  feeds: Readonly<Record<string, Tensor>>,
  { chunk, steps }: { chunk: number; steps: number },
  corrupt?: (caches: Map<string, Tensor>, step: number) => void,
): Promise<Difference[]> {
  const offline = await runOffline(model, analysis, feeds, { chunk, steps });
  const results = await runSteps(model, streaming.modules, feeds, steps, corrupt);
  return model.graph.outputs
    .map(({ name }) => compareStream(analysis, name, stackSteps(results, name), must(offline[name]), chunk))
    .sort((a, b) => b.relative - a.relative);
}
