import { concatAxis } from "../core/ir/axis.ts";
import { byteLength, type DType, sizeOf, type Tensor } from "../core/ir/tensor.ts";
import { initialTensor } from "../core/stream/filled-tensor.ts";
import type { Runtime, Session } from "./ports.ts";

/** One module of a package, ready to be opened: its bytes and what ties it to its caches and to the other modules. */
export interface RunnableModule {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Steps (chunks of the model) that are collected for one run. */
  readonly chunks: number;
  /** Runs from reset that are left out; zeros stand for what they would give. */
  readonly gateRuns: number;
  readonly inputs: readonly RunnablePort[];
  readonly outputs: readonly RunnablePort[];
  readonly caches: readonly RunnableCache[];
  /** Another graph for the first runs, with caches of its own beside these. */
  readonly start?: {
    readonly runs: number;
    readonly bytes: Uint8Array;
    readonly caches: readonly RunnableCache[];
  };
}

export interface RunnablePort {
  readonly name: string;
  /** Along which chunks are joined; absent for what does not stream. */
  readonly axis?: number | undefined;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

export interface RunnableCache {
  readonly input: string;
  readonly output: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Contents at reset: one value for every element, in the cache's own dtype, or the whole tensor. */
  readonly init: number | Tensor;
  /** Runs from reset whose new contents are dropped: the cache stays as it is at first. */
  readonly holdSteps?: number;
}

type Tensors = ReadonlyMap<string, Tensor>;

/** A stream between two steps. */
export interface SavedState {
  readonly stepsDone: number;
  readonly caches: readonly Tensors[];
  /** Per module: chunks that wait for the rest of a run. */
  readonly waiting: readonly ReadonlyMap<string, Tensor[]>[];
}

/** What one run of one module read and wrote. */
export interface ModuleRun {
  readonly module: number;
  readonly inputs: Tensors;
  readonly outputs: Tensors;
  /** Cache input → contents before and after. */
  readonly before: Tensors;
  readonly after: Tensors;
}

interface ModuleSessions {
  readonly steady: Session;
  readonly start?: Session;
}

/**
 * Runs modules one chunk at a time as a device would: in order, outputs of one feeding the next, caches carried. A module
 * that needs several chunks collects them and runs when the last has come. Caches live until `reset`.
 */
export class Stepper {
  private readonly modules: readonly RunnableModule[];
  private readonly sessions: readonly ModuleSessions[];
  private caches: Map<string, Tensor>[] = [];
  private waiting: Map<string, Tensor[]>[] = [];
  private stepsDone = 0;

  private constructor(modules: readonly RunnableModule[], sessions: readonly ModuleSessions[]) {
    this.modules = modules;
    this.sessions = sessions;
    this.reset();
  }

  static async open(runtime: Runtime, modules: readonly RunnableModule[]): Promise<Stepper> {
    const sessions: ModuleSessions[] = [];
    for (const { bytes, start } of modules) {
      const steady = await runtime.open(bytes);
      sessions.push({ steady, ...(start && { start: await runtime.open(start.bytes) }) });
    }
    return new Stepper(modules, sessions);
  }

  /** Back to the first step: every cache as it is at first, nothing collected. */
  reset(): void {
    this.stepsDone = 0;
    this.caches = this.modules.map(
      (m) => new Map([...m.caches, ...(m.start?.caches ?? [])].map((c) => [c.input, initialTensor(c)])),
    );
    this.waiting = this.modules.map(() => new Map());
  }

  /** Everything that the next step depends on. */
  save(): SavedState {
    const { stepsDone, caches, waiting } = this;
    return { stepsDone, caches: caches.map((c) => new Map(c)), waiting: waiting.map((w) => new Map(w)) };
  }

  /** Goes on from a saved state: of this stream or of another one. */
  restore({ stepsDone, caches, waiting }: SavedState): void {
    this.stepsDone = stepsDone;
    this.caches = caches.map((c) => new Map(c));
    this.waiting = waiting.map((w) => new Map(w));
  }

  /** One step: model inputs of one chunk → the runs that it made possible, in order. */
  async step(inputs: Readonly<Record<string, Tensor>>): Promise<ModuleRun[]> {
    const fresh = new Map(Object.entries(inputs));
    const runs: ModuleRun[] = [];
    this.stepsDone++;
    for (const [i, module] of this.modules.entries()) {
      const waiting = this.waiting[i] as Map<string, Tensor[]>;
      for (const { name, axis } of module.inputs) {
        const tensor = fresh.get(name);
        if (!tensor) continue;
        const list = axis === undefined ? [] : (waiting.get(name) ?? []);
        waiting.set(name, [...list, tensor]);
      }
      if (this.stepsDone % module.chunks !== 0) continue;
      const run = await this.run(i, module, waiting);
      waiting.clear();
      for (const [name, tensor] of run.outputs) fresh.set(name, tensor);
      runs.push(run);
    }
    return runs;
  }

  async release(): Promise<void> {
    for (const { steady, start } of this.sessions) {
      await steady.release();
      await start?.release();
    }
  }

  private async run(
    index: number,
    module: RunnableModule,
    waiting: ReadonlyMap<string, readonly Tensor[]>,
  ): Promise<ModuleRun> {
    const before = this.caches[index] as Map<string, Tensor>;
    const inputs = new Map(
      module.inputs.map(({ name, axis = 0 }) => {
        const parts = waiting.get(name);
        if (!parts) throw new Error(`module ${module.name} has no value ${name}`);
        return [name, concatAxis(parts, axis)] as const;
      }),
    );
    const runsDone = this.stepsDone / module.chunks - 1;
    if (runsDone < module.gateRuns) {
      const outputs = new Map(module.outputs.map((p) => [p.name, zeros(p)]));
      return { module: index, inputs, outputs, before, after: before };
    }
    const { steady, start } = this.sessions[index] as ModuleSessions;
    const first = runsDone < (module.start?.runs ?? 0) ? module.start : undefined;
    const caches = [...module.caches, ...(first?.caches ?? [])];
    const contents = caches.map((c) => [c.input, before.get(c.input) as Tensor] as const);
    const session = first && start ? start : steady;
    const results = await session.run(Object.fromEntries([...contents, ...inputs]));
    const after = new Map(
      caches.map(({ input, output, holdSteps = 0 }) => {
        const kept = runsDone < holdSteps ? before.get(input) : results[output];
        return [input, kept as Tensor];
      }),
    );
    this.caches[index] = after;
    const outputs = new Map(module.outputs.map(({ name }) => [name, results[name] as Tensor]));
    return { module: index, inputs, outputs, before, after };
  }
}

function zeros({ dtype, shape }: RunnablePort): Tensor {
  return { dtype, dims: shape, bytes: new Uint8Array(byteLength(dtype, sizeOf(shape))) };
}
