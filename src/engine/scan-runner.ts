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
 * Scan whose states are the caches. Modules that wait for several chunks are a Scan of their own, over fewer and longer
 * steps.
 */
export class ScanRunner {
  readonly outputs: readonly ValueName[];
  private readonly scans: readonly OneScan[];

  private constructor(scans: readonly OneScan[]) {
    this.scans = scans;
    this.outputs = scans.flatMap((scan) => scan.outputs);
  }

  /** Values of `observe` that the modules do not compute under that name are left out. */
  static async open(
    runtime: Runtime,
    modules: readonly Module[],
    opsets: Model["opsets"],
    observe: readonly ValueName[] = [],
    optimization?: GraphOptimization,
  ): Promise<ScanRunner> {
    const scans: OneScan[] = [];
    for (const group of byChunk(modules)) {
      const made = new Set(group.flatMap((m) => m.graph.nodes.flatMap((n) => n.outputs)));
      const wrapper = scanWrapper(group, { observe: observe.filter((v) => made.has(v)) });
      const session = await runtime.open(
        encodeGraph(wrapper.graph, opsets),
        optimization && { optimization },
      );
      const axes = new Map(group.flatMap((m) => m.outputs).map((p) => [p.name, p.axis]));
      scans.push(new OneScan(session, wrapper, axes));
    }
    return new ScanRunner(scans);
  }

  /**
   * From reset: the whole input, whole rounds of every module → every output, [runs of its module, …shape per run].
   */
  async run(inputs: Block, job: Pick<Job<never>, "checkpoint">): Promise<Map<ValueName, Tensor>> {
    const results = new Map<ValueName, Tensor>();
    const known: Record<ValueName, Tensor> = { ...inputs };
    for (const scan of this.scans) {
      for (const [name, tensor] of await scan.run(known, job)) {
        results.set(name, tensor);
        if (scan.axes.has(name)) known[name] = unstacked(tensor, scan.axes.get(name));
      }
    }
    return results;
  }

  async release(): Promise<void> {
    for (const scan of this.scans) await scan.release();
  }
}

/** Neighbours that run equally often. */
function byChunk(modules: readonly Module[]): Module[][] {
  const groups: Module[][] = [];
  for (const module of modules) {
    const last = groups.at(-1);
    if (last?.[0]?.chunk === module.chunk) last.push(module);
    else groups.push([module]);
  }
  return groups;
}

/** One session over modules that run equally often. */
class OneScan {
  readonly outputs: readonly ValueName[];
  /** Output that leaves a module → its time axis. */
  readonly axes: ReadonlyMap<ValueName, number | undefined>;
  private readonly session: Session;
  private readonly inputs: readonly Port[];
  private readonly states: readonly ScanState[];

  constructor(
    session: Session,
    parts: { inputs: readonly Port[]; outputs: readonly ValueName[]; states: readonly ScanState[] },
    axes: ReadonlyMap<ValueName, number | undefined>,
  ) {
    this.session = session;
    this.inputs = parts.inputs;
    this.outputs = parts.outputs;
    this.states = parts.states;
    this.axes = axes;
  }

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
