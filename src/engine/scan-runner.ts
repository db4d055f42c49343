import { concatAxis, sliceAxis, stackChunks, unstackChunks } from "../core/ir/axis.ts";
import type { Model, ValueName } from "../core/ir/graph.ts";
import type { Tensor } from "../core/ir/tensor.ts";
import { initialTensor } from "../core/stream/filled-tensor.ts";
import { type Module, type Port, startingModule } from "../core/stream/module.ts";
import { type ScanState, type ScanWrapper, scanWrapper } from "../core/stream/scan.ts";
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
      const startRuns = Math.max(0, ...group.map((m) => m.start?.runs ?? 0));
      const starting = startRuns > 0 ? [{ modules: group.map(startingModule), until: startRuns }] : [];
      const parts = [...starting, { modules: group, until: Number.POSITIVE_INFINITY }];
      const made = parts.map(
        (p) => new Set(p.modules.flatMap((m) => m.graph.nodes.flatMap((n) => n.outputs))),
      );
      const seen = observe.filter((v) => made.every((names) => names.has(v)));
      const phases: Phase[] = [];
      for (const part of parts) {
        const wrapper = scanWrapper(part.modules, { observe: seen });
        const bytes = encodeGraph(wrapper.graph, opsets);
        const session = await runtime.open(bytes, optimization && { optimization });
        phases.push({ session, wrapper, until: part.until });
      }
      const axes = new Map(group.flatMap((m) => m.outputs).map((p) => [p.name, p.axis]));
      scans.push(new OneScan(phases, axes));
    }
    return new ScanRunner(scans);
  }

  /**
   * From reset: the whole input, whole rounds of every module → every output, [runs of its module, …shape per run].
   */
  run(inputs: Block, job: Pick<Job<never>, "checkpoint">): Promise<Map<ValueName, Tensor>> {
    return this.each(inputs, (scan, known) => scan.run(known, job));
  }

  /** As `run`, from the states that the run before left. */
  resume(inputs: Block, job: Pick<Job<never>, "checkpoint">): Promise<Map<ValueName, Tensor>> {
    return this.each(inputs, (scan, known) => scan.resume(known, job));
  }

  private async each(
    inputs: Block,
    run: (scan: OneScan, known: Block) => Promise<Map<ValueName, Tensor>>,
  ): Promise<Map<ValueName, Tensor>> {
    const results = new Map<ValueName, Tensor>();
    const known: Record<ValueName, Tensor> = { ...inputs };
    for (const scan of this.scans) {
      for (const [name, tensor] of await run(scan, known)) {
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

/** One session, for the steps before `until`. */
interface Phase {
  readonly session: Session;
  readonly wrapper: ScanWrapper;
  readonly until: number;
}

const keyOf = ({ module, cache }: ScanState): string => `${module} ${cache.input}`;

/** Modules that run equally often; at first, if they have graphs of their own for that, those. */
class OneScan {
  readonly outputs: readonly ValueName[];
  /** Output that leaves a module → its time axis. */
  readonly axes: ReadonlyMap<ValueName, number | undefined>;
  private readonly inputs: readonly Port[];
  private readonly phases: readonly Phase[];
  /** Steps since reset, and what the caches hold after them, by module and name. */
  private done = 0;
  private readonly caches = new Map<string, Tensor>();

  constructor(phases: readonly Phase[], axes: ReadonlyMap<ValueName, number | undefined>) {
    const [first] = phases;
    this.inputs = first?.wrapper.inputs ?? [];
    this.outputs = first?.wrapper.outputs ?? [];
    this.phases = phases;
    this.axes = axes;
  }

  /** From reset. */
  run(inputs: Block, job: Pick<Job<never>, "checkpoint">): Promise<Map<ValueName, Tensor>> {
    this.done = 0;
    this.caches.clear();
    return this.resume(inputs, job);
  }

  async resume(inputs: Block, job: Pick<Job<never>, "checkpoint">): Promise<Map<ValueName, Tensor>> {
    const stacked = this.stack(inputs);
    const steps = Math.max(...[...stacked.values()].map((t) => t.dims[0] ?? 0));
    const parts = new Map<ValueName, Tensor[]>(this.outputs.map((name) => [name, []]));
    let from = 0;
    for (const { session, wrapper, until } of this.phases) {
      const last = Math.min(steps, until - this.done);
      while (from < last) {
        await job.checkpoint();
        const to = Math.min(last, from + STEPS_PER_RUN);
        const feeds: Record<string, Tensor> = {};
        for (const s of wrapper.states) feeds[s.input] = this.caches.get(keyOf(s)) ?? initialTensor(s.cache);
        for (const [name, t] of stacked) feeds[name] = sliceAxis(t, 0, from, to);
        for (const p of this.inputs) if (p.kind === "static") feeds[p.name] = inputs[p.name] as Tensor;
        const results = await session.run(feeds);
        for (const [name, list] of parts) list.push(results[name] as Tensor);
        for (const s of wrapper.states) this.caches.set(keyOf(s), results[s.output] as Tensor);
        from = to;
      }
    }
    this.done += steps;
    return new Map([...parts].map(([name, list]) => [name, concatAxis(list, 0)]));
  }

  async release(): Promise<void> {
    for (const { session } of this.phases) await session.release();
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
}

/** [steps, … n …] back to [… steps·n …] for a stream; per-step values stay as they are. */
export function unstacked(tensor: Tensor, axis: number | undefined): Tensor {
  return axis === undefined ? tensor : unstackChunks(tensor, axis);
}
