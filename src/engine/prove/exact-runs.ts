import { doubleTensor, widened } from "../../core/interpret/doubles.ts";
import { GraphRunner, type Replacements, type Seen } from "../../core/interpret/graph-runner.ts";
import { concatAxis, sliceAxis } from "../../core/ir/axis.ts";
import type { Graph, ValueName } from "../../core/ir/graph.ts";
import { sizeOf, type Tensor } from "../../core/ir/tensor.ts";
import { realInputs } from "../../core/ir/walk.ts";
import { dimAtOne } from "../../core/ops/rules/dim.ts";
import type { StreamAnalysis } from "../../core/stream/analysis.ts";
import { filledTensor, initialTensor } from "../../core/stream/filled-tensor.ts";
import { type Cache, type Module, type StreamingModel, startingModule } from "../../core/stream/module.ts";
import { offlineReference } from "../../core/stream/offline-reference.ts";
import { type Block, framesOfInput, offlineInputs } from "../blocks.ts";
import type { Job } from "../ports.ts";
import { randomBits } from "./structural-weights.ts";

/** Rounds between moments at which a job may be cancelled. */
const ROUNDS_PER_CHECKPOINT = 16;

/** Whole numbers in {−3 … 3} for every input, `frames` long along time; the same frames for any length. */
export function exactInputs(analysis: StreamAnalysis, frames: number, seed: number): Block {
  return Object.fromEntries(
    realInputs(analysis.graph).map(({ name, shape = [], dtype = "float32" }, i) => {
      const axis = analysis.axes[name];
      const own = axis === undefined ? 1 : framesOfInput(analysis, name, frames);
      const dims = shape.map((d, k) => (k === axis ? own : d === null ? 1 : dimAtOne(d)));
      if (dtype !== "float32") return [name, filledTensor(dtype, dims, 0)];
      // Frame by frame: a longer input begins like a shorter one.
      const next = randomBits(seed + 7919 * (i + 1));
      const data = new Float64Array(sizeOf(dims));
      const inner = sizeOf(dims.slice((axis ?? dims.length) + 1));
      const outer = data.length / Math.max(1, inner * own);
      for (let frame = 0; frame < own; frame++)
        for (let o = 0; o < outer; o++)
          for (let k = 0; k < inner; k++) data[(o * own + frame) * inner + k] = (next() % 7) - 3;
      return [name, doubleTensor(data, dims)];
    }),
  );
}

/** The offline model over chunk·steps frames: every value that moves; per-step values are [steps, …]. */
export function exactOffline(
  model: { readonly graph: Graph; readonly opsets: ReadonlyMap<string, number> },
  analysis: StreamAnalysis,
  replacements: Replacements,
  at: { readonly chunk: number; readonly steps: number },
  inputs: Block,
  see?: Seen,
): ReadonlyMap<ValueName, Tensor> {
  const observe = analysis.graph.nodes.flatMap((n) => n.outputs).filter((v) => analysis.facts.has(v));
  const { graph } = offlineReference(model, analysis, { ...at, observe });
  return new GraphRunner(graph, replacements).run(feedsOf(graph, offlineInputs(inputs, analysis)), see);
}

export function feedsOf(graph: Graph, inputs: Block): Block {
  return Object.fromEntries(
    graph.inputs.flatMap(({ name }) => {
      const tensor = inputs[name];
      return tensor ? [[name, tensor] as const] : [];
    }),
  );
}

/** One run of one module. */
export interface ExactRun {
  readonly module: number;
  /** Runs of this module before this one. */
  readonly index: number;
  /** Model-input frames per run. */
  readonly chunk: number;
  readonly values: ReadonlyMap<ValueName, Tensor>;
}

export interface StreamHooks {
  /** Called before everything; may change what caches hold at reset, by input name. */
  readonly reset?: (module: number, caches: Map<ValueName, Tensor>) => void;
  /** Changes values as they are made, in run `index` of a module. */
  readonly see?: (index: number) => Seen;
  /** Called before a run with the caches that it reads. */
  readonly before?: (module: number, index: number, caches: Map<ValueName, Tensor>) => void;
  readonly after: (run: ExactRun) => void;
}

/**
 * Streaming modules in exact arithmetic, as a device would run them: caches carried, held and reset, gated runs left out.
 * It goes by rounds: `roundFrames` model-input frames, in which every module runs a whole number of times.
 */
export class ExactStream {
  private readonly modules: readonly Module[];
  private readonly roundFrames: number;
  private readonly runners: readonly GraphRunner[];
  /** Of modules that run another graph at first. */
  private readonly starters: readonly (GraphRunner | undefined)[];

  constructor(
    { modules, roundFrames }: Pick<StreamingModel, "modules" | "roundFrames">,
    replacements: Replacements,
  ) {
    this.modules = modules;
    this.roundFrames = roundFrames;
    this.runners = modules.map((m) => new GraphRunner(m.graph, replacements));
    this.starters = modules.map((m) => m.start && new GraphRunner(m.start.graph, replacements));
  }

  /** From reset over `rounds` of the inputs. */
  async run(
    inputs: Block,
    rounds: number,
    hooks: StreamHooks,
    job: Pick<Job<never>, "checkpoint">,
  ): Promise<void> {
    const caches = this.modules.map(
      (m) => new Map(startingModule(m).caches.map((c) => [c.input, widened(initialTensor(c))] as const)),
    );
    for (const [i, own] of caches.entries()) hooks.reset?.(i, own);
    for (let round = 0; round < rounds; round++) {
      if (round % ROUNDS_PER_CHECKPOINT === 0) await job.checkpoint();
      // What crosses from module to module in this round.
      const crossing = new Map<ValueName, Tensor>();
      for (const [i, module] of this.modules.entries())
        this.runModule(
          i,
          round,
          { inputs, crossing, caches: caches[i] as Map<ValueName, Tensor>, hooks },
          module,
        );
    }
  }

  /** What run `index` of a module runs, and the caches that it keeps. */
  private graphAt(
    at: number,
    index: number,
    module: Module,
  ): { readonly runner: GraphRunner; readonly kept: readonly Cache[] } {
    const starter = index < (module.start?.runs ?? 0) ? this.starters[at] : undefined;
    if (starter) return { runner: starter, kept: startingModule(module).caches };
    return { runner: this.runners[at] as GraphRunner, kept: module.caches };
  }

  private runModule(
    at: number,
    round: number,
    { inputs, crossing, caches, hooks }: Surroundings,
    module: Module,
  ): void {
    const runs = this.roundFrames / module.chunk;
    const given: Tensor[][] = module.outputs.map(() => []);
    for (let k = 0; k < runs; k++) {
      const index = round * runs + k;
      if (index < module.gateRuns) {
        const nothing = new Map(
          module.outputs.map((p) => [p.name, widened(filledTensor(p.dtype, p.shape, 0))] as const),
        );
        hooks.after({ module: at, index, chunk: module.chunk, values: nothing });
        for (const [o, port] of module.outputs.entries()) given[o]?.push(nothing.get(port.name) as Tensor);
        continue;
      }
      hooks.before?.(at, index, caches);
      const { runner, kept } = this.graphAt(at, index, module);
      const feeds: Record<ValueName, Tensor> = {};
      for (const { input } of kept) feeds[input] = caches.get(input) as Tensor;
      for (const port of module.inputs) {
        const tensor = crossing.get(port.name) ?? inputs[port.name];
        if (!tensor) throw new Error(`no value for ${port.name}`);
        const from = (crossing.has(port.name) ? k : index) * port.framesPerStep;
        feeds[port.name] =
          port.axis === undefined ? tensor : sliceAxis(tensor, port.axis, from, from + port.framesPerStep);
      }
      const values = runner.run(feeds, hooks.see?.(index));
      hooks.after({ module: at, index, chunk: module.chunk, values });
      for (const [o, port] of module.outputs.entries()) given[o]?.push(values.get(port.name) as Tensor);
      for (const cache of kept)
        if (index >= (cache.holdSteps ?? 0)) caches.set(cache.input, values.get(cache.output) as Tensor);
    }
    for (const [o, { name, axis }] of module.outputs.entries()) {
      const parts = given[o] ?? [];
      crossing.set(name, axis === undefined ? (parts.at(-1) as Tensor) : concatAxis(parts, axis));
    }
  }
}

interface Surroundings {
  readonly inputs: Block;
  readonly crossing: Map<ValueName, Tensor>;
  readonly caches: Map<ValueName, Tensor>;
  readonly hooks: StreamHooks;
}
