import { concatAxis, sliceAxis, stackChunks, unstackChunks } from "../core/ir/axis.ts";
import type { Model, ValueName } from "../core/ir/graph.ts";
import type { Tensor } from "../core/ir/tensor.ts";
import { initialTensor } from "../core/stream/filled-tensor.ts";
import type { Module, Port } from "../core/stream/module.ts";
import { type ScanState, scanWrapper } from "../core/stream/scan.ts";
import type { Block } from "./blocks.ts";
import { encodeGraph } from "./encode-graph.ts";
import type { GraphOptimization, Job, Runtime, Session } from "./ports.ts";

/** Results of this many steps are computed by one call of the runtime; between calls a job may be cancelled. */
const STEPS_PER_RUN = 1024;

/**
 * Runs the real streaming modules at their real chunk over many steps, thousands to a call, as the body of an ONNX
 * Scan whose states are the caches.
 */
export class ScanRunner {
  readonly outputs: readonly ValueName[];
  private readonly session: Session;
  private readonly inputs: readonly Port[];
  private readonly states: readonly ScanState[];

  private constructor(
    session: Session,
    parts: { inputs: readonly Port[]; outputs: readonly ValueName[]; states: readonly ScanState[] },
  ) {
    this.session = session;
    this.inputs = parts.inputs;
    this.outputs = parts.outputs;
    this.states = parts.states;
  }

  /** Values of `observe` that the modules do not compute under that name are left out. */
  static async open(
    runtime: Runtime,
    modules: readonly Module[],
    opsets: Model["opsets"],
    observe: readonly ValueName[] = [],
    optimization?: GraphOptimization,
  ): Promise<ScanRunner> {
    const made = new Set(modules.flatMap((m) => m.graph.nodes.flatMap((n) => n.outputs)));
    const wrapper = scanWrapper(modules, { observe: observe.filter((v) => made.has(v)) });
    const session = await runtime.open(encodeGraph(wrapper.graph, opsets), optimization && { optimization });
    return new ScanRunner(session, wrapper);
  }

  /** From reset: the whole input → every output, [steps, …shape per step]. */
  async run(inputs: Block, job: Pick<Job<never>, "checkpoint">): Promise<Map<ValueName, Tensor>> {
    const stacked = this.stack(inputs);
    const steps = Math.max(...[...stacked.values()].map((t) => t.dims[0] ?? 0));
    let states = this.reset();
    const parts = new Map<ValueName, Tensor[]>(this.outputs.map((name) => [name, []]));
    for (let from = 0; from < steps; from += STEPS_PER_RUN) {
      await job.checkpoint();
      const to = Math.min(steps, from + STEPS_PER_RUN);
      const feeds: Record<string, Tensor> = { ...states };
      for (const [name, t] of stacked) feeds[name] = sliceAxis(t, 0, from, to);
      for (const p of this.inputs) if (p.kind === "static") feeds[p.name] = inputs[p.name] as Tensor;
      const results = await this.session.run(feeds);
      for (const [name, list] of parts) list.push(results[name] as Tensor);
      states = Object.fromEntries(this.states.map((s) => [s.input, results[s.output] as Tensor] as const));
    }
    return new Map([...parts].map(([name, list]) => [name, concatAxis(list, 0)]));
  }

  async release(): Promise<void> {
    await this.session.release();
  }

  private stack(inputs: Block): Map<ValueName, Tensor> {
    const stacked = new Map<ValueName, Tensor>();
    for (const p of this.inputs) {
      const tensor = inputs[p.name];
      if (p.axis === undefined || p.kind !== "stream") continue;
      if (!tensor) throw new Error(`input ${p.name} is missing`);
      stacked.set(p.name, stackChunks(tensor, p.axis, p.framesPerStep));
    }
    return stacked;
  }

  private reset(): Record<string, Tensor> {
    return Object.fromEntries(this.states.map(({ input, cache }) => [input, initialTensor(cache)]));
  }
}

/** [steps, … n …] back to [… steps·n …] for a stream; per-step values stay as they are. */
export function unstacked(tensor: Tensor, axis: number | undefined): Tensor {
  return axis === undefined ? tensor : unstackChunks(tensor, axis);
}
