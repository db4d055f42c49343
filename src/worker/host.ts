import { StudioError } from "../core/base/problem.ts";
import { type CallOptions, JobClient } from "./client.ts";
import { watchLiveness } from "./liveness.ts";
import type { Endpoint, JobInput, JobKind, JobOutput } from "./protocol.ts";

/** What the host needs of a Worker. */
export interface WorkerLike extends Endpoint {
  onerror: ((event: ErrorEvent) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
  terminate(): void;
}

export interface HostOptions {
  readonly spawn: () => WorkerLike;
  /** Time that a cancelled job has to stop by itself before its worker is killed. */
  readonly graceMs?: number;
  /** Calls back at the end of whoever holds a lock, unless aborted before. */
  readonly watch?: (lock: string, onEnd: () => void, signal: AbortSignal) => void;
}

/** Begins a job that waits for its turn. */
type Start = () => void;

/**
 * Owns one worker: starts it when first needed, runs one job at a time in the order of the calls, and replaces the worker
 * when it dies or does not stop. The worker holds nothing that its inputs do not rebuild.
 */
export class WorkerHost {
  readonly #spawn: () => WorkerLike;
  readonly #graceMs: number;
  readonly #watch: NonNullable<HostOptions["watch"]>;
  /** Ends the watch over the present worker. */
  #watching = new AbortController();
  #worker: WorkerLike | undefined;
  #client: JobClient | undefined;
  #busy = false;
  #queue: Start[] = [];

  constructor(options: HostOptions) {
    this.#spawn = options.spawn;
    this.#graceMs = options.graceMs ?? 2000;
    this.#watch = options.watch ?? watchLiveness;
  }

  /** Queues a job. One that is aborted while it waits leaves the queue with `job.cancelled`. */
  call<K extends JobKind>(kind: K, input: JobInput<K>, options: CallOptions<K> = {}): Promise<JobOutput<K>> {
    return new Promise<JobOutput<K>>((resolve, reject) => {
      const cancelled = () => reject(new StudioError({ code: "job.cancelled" }));
      if (options.signal?.aborted) {
        cancelled();
        return;
      }
      const leave = () => {
        this.#queue = this.#queue.filter((waiting) => waiting !== start);
        cancelled();
      };
      const start = () => {
        options.signal?.removeEventListener("abort", leave);
        this.#run(kind, input, options).then(resolve, reject);
      };
      options.signal?.addEventListener("abort", leave, { once: true });
      this.#queue = [...this.#queue, start];
      this.#next();
    });
  }

  /** Kills the worker; whatever ran rejects with `worker.lost`. The next call gets a new one. */
  terminate(reason: string): void {
    const client = this.#client;
    this.#watching.abort();
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#client = undefined;
    client?.lose(reason);
  }

  #next(): void {
    if (this.#busy) return;
    const [start, ...rest] = this.#queue;
    if (!start) return;
    this.#queue = rest;
    this.#busy = true;
    start();
  }

  async #run<K extends JobKind>(kind: K, input: JobInput<K>, options: CallOptions<K>): Promise<JobOutput<K>> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let killed = false;
    const armed = () => {
      timer = setTimeout(() => {
        killed = true;
        this.terminate("cancelled");
      }, this.#graceMs);
    };
    options.signal?.addEventListener("abort", armed, { once: true });
    try {
      return await this.#connected().call(kind, input, options);
    } catch (error) {
      if (killed) throw new StudioError({ code: "job.cancelled" });
      // A runtime's memory grows and never shrinks: a new worker starts with none.
      if (error instanceof StudioError && error.problem.code === "memory.exhausted") this.terminate("memory");
      throw error;
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", armed);
      this.#busy = false;
      this.#next();
    }
  }

  #connected(): JobClient {
    if (this.#client) return this.#client;
    const worker = this.#spawn();
    const lost = (reason: string) => {
      if (this.#worker === worker) this.terminate(reason);
    };
    const watching = new AbortController();
    this.#watching = watching;
    const client = new JobClient(worker, (lock) => this.#watch(lock, () => lost("ended"), watching.signal));
    worker.onerror = (event) => lost(event.message || "error");
    worker.onmessageerror = () => lost("message");
    this.#worker = worker;
    this.#client = client;
    return client;
  }
}
