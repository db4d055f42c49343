import { doubleTensor, widened } from "../../core/interpret/doubles.ts";
import { GraphRunner, type Replacements, type Seen } from "../../core/interpret/graph-runner.ts";
import { sliceAxis } from "../../core/ir/axis.ts";
import type { Graph, ValueName } from "../../core/ir/graph.ts";
import { sizeOf, type Tensor } from "../../core/ir/tensor.ts";
import { realInputs } from "../../core/ir/walk.ts";
import { dimAtOne } from "../../core/ops/rules/dim.ts";
import type { StreamAnalysis } from "../../core/stream/analysis.ts";
import { filledTensor, initialTensor } from "../../core/stream/filled-tensor.ts";
import type { Module } from "../../core/stream/module.ts";
import { offlineReference } from "../../core/stream/offline-reference.ts";
import type { Block } from "../blocks.ts";
import type { Job } from "../ports.ts";
import { randomBits } from "./structural-weights.ts";

/** Steps between moments at which a job may be cancelled. */
const STEPS_PER_CHECKPOINT = 16;

/** Whole numbers in {−3 … 3} for every input, `frames` long along time; the same frames for any length. */
export function exactInputs(analysis: StreamAnalysis, frames: number, seed: number): Block {
  return Object.fromEntries(
    realInputs(analysis.graph).map(({ name, shape = [], dtype = "float32" }, i) => {
      const axis = analysis.axes[name];
      const dims = shape.map((d, k) => (k === axis ? frames : d === null ? 1 : dimAtOne(d)));
      if (dtype !== "float32") return [name, filledTensor(dtype, dims, 0)];
      // Frame by frame: a longer input begins like a shorter one.
      const next = randomBits(seed + 7919 * (i + 1));
      const data = new Float64Array(sizeOf(dims));
      const inner = sizeOf(dims.slice((axis ?? dims.length) + 1));
      const count = axis === undefined ? 1 : frames;
      const outer = data.length / Math.max(1, inner * count);
      for (let frame = 0; frame < count; frame++)
        for (let o = 0; o < outer; o++)
          for (let k = 0; k < inner; k++) data[(o * count + frame) * inner + k] = (next() % 7) - 3;
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
  return new GraphRunner(graph, replacements).run(feedsOf(graph, inputs), see);
}

export function feedsOf(graph: Graph, inputs: Block): Block {
  return Object.fromEntries(
    graph.inputs.flatMap(({ name }) => {
      const tensor = inputs[name];
      return tensor ? [[name, tensor] as const] : [];
    }),
  );
}

export interface StreamHooks {
  /** Called before a step; may change the caches of any module, by input name. */
  readonly before?: (step: number, caches: readonly Map<ValueName, Tensor>[]) => void;
  /** Changes values as they are made. */
  readonly see?: (step: number) => Seen;
  /** Every value of a step. */
  readonly after: (step: number, values: ReadonlyMap<ValueName, Tensor>) => void;
}

/** Steps of streaming modules in exact arithmetic, as a device would run them: caches carried, held, reset at first. */
export class ExactStream {
  private readonly modules: readonly Module[];
  private readonly runners: readonly GraphRunner[];

  constructor(modules: readonly Module[], replacements: Replacements) {
    this.modules = modules;
    this.runners = modules.map((m) => new GraphRunner(m.graph, replacements));
  }

  /** From reset over `steps` chunks of the inputs. */
  async run(
    inputs: Block,
    steps: number,
    hooks: StreamHooks,
    job: Pick<Job<never>, "checkpoint">,
  ): Promise<void> {
    const caches = this.modules.map(
      (m) => new Map(m.caches.map((c) => [c.input, widened(initialTensor(c))] as const)),
    );
    for (let step = 0; step < steps; step++) {
      if (step % STEPS_PER_CHECKPOINT === 0) await job.checkpoint();
      hooks.before?.(step, caches);
      hooks.after(step, this.step(step, inputs, caches, hooks.see?.(step)));
    }
  }

  private step(
    step: number,
    inputs: Block,
    caches: readonly Map<ValueName, Tensor>[],
    see: Seen | undefined,
  ): Map<ValueName, Tensor> {
    const all = new Map<ValueName, Tensor>();
    for (const [i, module] of this.modules.entries()) {
      const state = caches[i] as Map<ValueName, Tensor>;
      const feeds: Record<ValueName, Tensor> = {};
      for (const port of module.inputs) {
        const given = all.get(port.name);
        const whole = inputs[port.name];
        const n = port.framesPerStep;
        if (given) feeds[port.name] = given;
        else if (whole && port.axis !== undefined)
          feeds[port.name] = sliceAxis(whole, port.axis, step * n, (step + 1) * n);
        else if (whole) feeds[port.name] = whole;
      }
      const values = (this.runners[i] as GraphRunner).run({ ...Object.fromEntries(state), ...feeds }, see);
      for (const [name, tensor] of values) if (!all.has(name)) all.set(name, tensor);
      for (const cache of module.caches)
        if (step >= (cache.holdSteps ?? 0)) state.set(cache.input, values.get(cache.output) as Tensor);
    }
    return all;
  }
}
