import type { DType, Tensor } from "../core/ir/tensor.ts";
import { initialTensor } from "../core/stream/filled-tensor.ts";
import type { Runtime, Session } from "./ports.ts";

/** One module of a package, ready to be opened: its bytes and the names that tie it to its caches. */
export interface RunnableModule {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly caches: readonly RunnableCache[];
}

export interface RunnableCache {
  readonly input: string;
  readonly output: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Contents at reset: one value for every element, in the cache's own dtype, or the whole tensor. */
  readonly init: number | Tensor;
  /** Steps from reset whose new contents are dropped: the cache stays as it is at first. */
  readonly holdSteps?: number;
}

/**
 * Runs modules one chunk at a time as a device would: in order, outputs of one feeding the next, caches carried.
 * Values live as long as their step; caches until `reset`.
 */
export class Stepper {
  private readonly modules: readonly RunnableModule[];
  private readonly sessions: readonly Session[];
  private caches: Map<string, Tensor>[] = [];
  private stepsDone = 0;

  private constructor(modules: readonly RunnableModule[], sessions: readonly Session[]) {
    this.modules = modules;
    this.sessions = sessions;
    this.reset();
  }

  static async open(runtime: Runtime, modules: readonly RunnableModule[]): Promise<Stepper> {
    const sessions: Session[] = [];
    for (const module of modules) sessions.push(await runtime.open(module.bytes));
    return new Stepper(modules, sessions);
  }

  /** Back to the first step: every cache as it is at first. */
  reset(): void {
    this.stepsDone = 0;
    this.caches = this.modules.map((m) => new Map(m.caches.map((c) => [c.input, initialTensor(c)])));
  }

  /** The cache tensors that module `index` will read next, by input name. */
  cachesOf(index: number): ReadonlyMap<string, Tensor> {
    return this.caches[index] ?? new Map();
  }

  /** One step: model inputs of one chunk → every value that crosses a module's edge, outputs included. */
  async step(inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    const values: Record<string, Tensor> = { ...inputs };
    for (const [i, module] of this.modules.entries()) {
      const caches = this.caches[i] as Map<string, Tensor>;
      const feeds: Record<string, Tensor> = Object.fromEntries(caches);
      for (const name of module.inputs) feeds[name] = values[name] as Tensor;
      const results = await (this.sessions[i] as Session).run(feeds);
      for (const name of module.outputs) values[name] = results[name] as Tensor;
      for (const cache of module.caches) {
        if (this.stepsDone >= (cache.holdSteps ?? 0))
          caches.set(cache.input, results[cache.output] as Tensor);
      }
    }
    this.stepsDone++;
    return values;
  }

  async release(): Promise<void> {
    for (const session of this.sessions) await session.release();
  }
}
