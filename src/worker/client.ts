import { StudioError } from "../core/base/problem.ts";
import { errorOf } from "./failure.ts";
import { joined, type Piece } from "./pieces.ts";
import type { Endpoint, JobInput, JobKind, JobOutput, JobProgress, ToPage, ToWorker } from "./protocol.ts";

export interface CallOptions<K extends JobKind> {
  /** Aborting asks the worker to stop; a job that can keep part of its work still answers. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: JobProgress<K>) => void;
  readonly transfer?: Transferable[];
}

interface Pending {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: ((progress: unknown) => void) | undefined;
  readonly pieces: Piece[];
}

/** The page's end of one pipe. Every call settles: by its answer, by its failure, or by `lose`. */
export class JobClient {
  readonly #endpoint: Endpoint;
  readonly #pending = new Map<number, Pending>();
  readonly #onAlive: (lock: string) => void;
  #nextId = 1;

  /** `onAlive` gets the name of the lock that the worker holds while it lives. */
  constructor(endpoint: Endpoint, onAlive: (lock: string) => void = () => {}) {
    this.#endpoint = endpoint;
    this.#onAlive = onAlive;
    endpoint.onmessage = (event) => this.#receive(event.data as ToPage);
  }

  /** Runs a job. Rejects with StudioError for problems (also `job.cancelled`, `worker.lost`), Error for bugs. */
  call<K extends JobKind>(kind: K, input: JobInput<K>, options: CallOptions<K> = {}): Promise<JobOutput<K>> {
    const id = this.#nextId++;
    const { signal, onProgress, transfer } = options;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, onProgress: onProgress as Pending["onProgress"], pieces: [] });
    });
    const cancel = () => this.#send({ type: "cancel", id });
    this.#send({ type: "start", id, kind, input }, transfer);
    if (signal?.aborted) cancel();
    else signal?.addEventListener("abort", cancel, { once: true });
    return answer.finally(() => signal?.removeEventListener("abort", cancel)) as Promise<JobOutput<K>>;
  }

  /** Rejects everything that waits: the other end is gone. */
  lose(reason: string): void {
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of waiting) reject(new StudioError({ code: "worker.lost", reason }));
  }

  #send(message: ToWorker, transfer?: Transferable[]): void {
    this.#endpoint.postMessage(message, transfer ?? []);
  }

  #receive(message: ToPage): void {
    if (message.type === "alive") {
      this.#onAlive(message.lock);
      return;
    }
    const pending = this.#pending.get(message.id);
    if (!pending) return;
    if (message.type === "progress") {
      pending.onProgress?.(message.progress);
      return;
    }
    if (message.type === "piece") {
      pending.pieces.push(message.piece);
      return;
    }
    this.#pending.delete(message.id);
    if (message.type === "done") pending.resolve(joined(message.output, pending.pieces));
    else pending.reject(errorOf(message.failure));
  }
}
