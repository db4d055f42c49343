import { createStore, type StoreApi } from "zustand/vanilla";
import { type Problem, StudioError } from "../core/base/problem.ts";

/** Why a stage has no new answer: a problem that the user can act on, or a bug to report. */
export type StageFailure =
  | { readonly kind: "problem"; readonly problem: Problem }
  | { readonly kind: "bug"; readonly message: string; readonly stack: string };

export interface StageState<Out, Progress> {
  readonly status: "idle" | "running" | "done" | "failed";
  /** True when every input that the stage needs exists. */
  readonly ready: boolean;
  /** True while a cancelled run winds down. */
  readonly cancelling: boolean;
  /** The last answer; it stays while a new one is made and when its inputs have changed. */
  readonly result?: Out;
  /** True when `result` belongs to other inputs than those of now. */
  readonly stale: boolean;
  /** True when the last run was cancelled: these inputs have no answer, or a partial one, until it runs again. */
  readonly stopped: boolean;
  readonly progress?: Progress;
  readonly failure?: StageFailure;
  /** performance.now() at the start of the present run. */
  readonly startedAt?: number;
}

export interface WorkOptions<Progress> {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

interface Run<Parts> {
  readonly parts: Parts;
  readonly stop: AbortController;
  readonly settled: Promise<void>;
}

/** Of progress that comes faster than this only the newest is shown: nobody reads more, and each one renders. */
const PROGRESS_EVERY_MS = 100;

const IDLE = { status: "idle", ready: false, cancelling: false, stale: false, stopped: false } as const;

/**
 * One derived answer: newest input wins. `feed` tells the stage what its inputs are now. An automatic stage runs at once;
 * a manual one only learns that its answer is stale. An answer to inputs that were replaced by a new run is dropped.
 */
export class Stage<Parts extends object, Out, Progress = never> {
  readonly store: StoreApi<StageState<Out, Progress>>;
  readonly #work: (parts: Parts, options: WorkOptions<Progress>) => Promise<Out>;
  /** Whether it runs by itself when its inputs change. */
  readonly automatic: boolean;
  #wanted: Parts | undefined;
  #answered: Parts | undefined;
  #run: Run<Parts> | undefined;
  #restored: ((parts: Parts) => boolean) | undefined;

  constructor(
    work: (parts: Parts, options: WorkOptions<Progress>) => Promise<Out>,
    options: { readonly automatic: boolean },
  ) {
    this.store = createStore<StageState<Out, Progress>>(() => IDLE);
    this.#work = work;
    this.automatic = options.automatic;
  }

  /** The present inputs; undefined while something is missing. Compared part by part, by reference. */
  feed(parts: Parts | undefined): void {
    if (sameParts(parts, this.#wanted)) return;
    this.#wanted = parts;
    const known = parts !== undefined && this.#restored?.(parts) === true;
    if (known) this.#answered = parts;
    this.#publish({ ready: parts !== undefined, stopped: false });
    if (!this.#run) this.#forgetFailure();
    if (!this.automatic || known) return;
    if (!parts) this.#run?.stop.abort();
    else if (!this.#run || this.#run.stop.signal.aborted || !sameParts(this.#run.parts, parts))
      void this.run();
  }

  /** Declares that the present answer answers these inputs too, so that they run nothing. */
  adopt(parts: Parts): void {
    this.#wanted = parts;
    this.#answered = parts;
    this.#publish({ ready: true });
  }

  /** Puts an answer of an earlier visit in place: stale until inputs are fed that it answers. */
  restore(result: Out, answers: (parts: Parts) => boolean): void {
    this.#restored = answers;
    this.#answered = undefined;
    this.#publish({ status: "done", result });
  }

  /** The inputs of the present answer; undefined if there is none, or none that this visit knows. */
  get answered(): Parts | undefined {
    return this.#answered;
  }

  /** Runs with the present inputs and resolves when that run has settled. Does nothing while they are missing. */
  run(): Promise<void> {
    const parts = this.#wanted;
    if (!parts) return Promise.resolve();
    this.#run?.stop.abort();
    const stop = new AbortController();
    // The body starts in a microtask, after `#run` is set.
    const settled = Promise.resolve().then(() => this.#execute(parts, stop));
    this.#run = { parts, stop, settled };
    return settled;
  }

  /** Resolves when nothing runs. */
  async settled(): Promise<void> {
    while (this.#run) await this.#run.settled;
  }

  /** Asks the present run to stop; a partial answer is kept, and so is the last one. */
  cancel(): void {
    if (!this.#run) return;
    this.#publish({ cancelling: true });
    this.#run.stop.abort();
  }

  /** Takes note of a failure: the last answer stands again. */
  dismiss(): void {
    if (!this.#run) this.#forgetFailure();
  }

  /** Forgets inputs and answers. */
  reset(): void {
    this.#run?.stop.abort();
    this.#run = undefined;
    this.#wanted = undefined;
    this.#answered = undefined;
    this.#restored = undefined;
    this.store.setState(IDLE, true);
  }

  #forgetFailure(): void {
    if (this.store.getState().status !== "failed") return;
    this.#publish({ status: this.#answered ? "done" : "idle", failure: undefined });
  }

  async #execute(parts: Parts, stop: AbortController): Promise<void> {
    const current = () => this.#run?.stop === stop;
    const asked = () => this.store.getState().cancelling;
    if (!current()) return;
    this.#publish({
      status: "running",
      cancelling: false,
      stopped: false,
      progress: undefined,
      failure: undefined,
      startedAt: performance.now(),
    });
    const onProgress = paced((progress: Progress) => {
      if (current()) this.#publish({ progress });
    });
    try {
      const result = await this.#work(parts, { signal: stop.signal, onProgress });
      if (!current()) return;
      this.#run = undefined;
      this.#restored = undefined;
      this.#answered = parts;
      this.#publish({ status: "done", result, stopped: asked(), cancelling: false, progress: undefined });
    } catch (error) {
      if (!current()) return;
      this.#run = undefined;
      const failure = failureFrom(error);
      const status = failure ? "failed" : this.#answered ? "done" : "idle";
      this.#publish({ status, failure, stopped: asked(), cancelling: false, progress: undefined });
    }
  }

  #publish(
    change: { [K in keyof StageState<Out, Progress>]?: StageState<Out, Progress>[K] | undefined },
  ): void {
    const next = { ...this.store.getState(), ...change };
    const answers = sameParts(this.#answered, this.#wanted) && !(this.#restored && !this.#answered);
    const stale = "result" in next && next.result !== undefined && !answers;
    const entries = Object.entries({ ...next, stale }).filter(([, value]) => value !== undefined);
    this.store.setState(Object.fromEntries(entries) as unknown as StageState<Out, Progress>, true);
  }
}

/** Passes on the first call at once, then the newest of every interval. */
function paced<T>(show: (value: T) => void): (value: T) => void {
  let shownAt = Number.NEGATIVE_INFINITY;
  let waiting: { newest: T } | undefined;
  const flush = (value: T) => {
    shownAt = performance.now();
    show(value);
  };
  return (value) => {
    const left = shownAt + PROGRESS_EVERY_MS - performance.now();
    if (waiting) waiting.newest = value;
    else if (left <= 0) flush(value);
    else {
      const slot = { newest: value };
      waiting = slot;
      setTimeout(() => {
        waiting = undefined;
        flush(slot.newest);
      }, left);
    }
  };
}

/** A cancelled run is not a failure. */
function failureFrom(error: unknown): StageFailure | undefined {
  if (error instanceof StudioError) {
    return error.problem.code === "job.cancelled" ? undefined : { kind: "problem", problem: error.problem };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { kind: "bug", message, stack: stack ?? "" };
}

/** Whether two inputs are the same, part by part, by reference. */
export function sameParts(a: object | undefined, b: object | undefined): boolean {
  if (a === b) return true;
  if (!a || !b) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((k) => Object.is(left[k], right[k]));
}
