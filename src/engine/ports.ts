import type { Tensor } from "../core/ir/tensor.ts";

export type GraphOptimization = "disabled" | "basic" | "extended" | "all";

/** Something that runs ONNX bytes. Implemented by `runtime/` over onnxruntime-web. */
export interface Runtime {
  /** Throws `model.runtimeRefused` with the runtime's own words if the model does not load. */
  open(bytes: Uint8Array, options?: { readonly optimization?: GraphOptimization }): Promise<Session>;
}

export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Runs once. `fetches` limits the outputs (default: all). Results own their bytes. */
  run(feeds: Readonly<Record<string, Tensor>>, fetches?: readonly string[]): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

/** What a long job may do besides its work: report, and offer a moment to be cancelled. */
export interface Job<Progress> {
  report(progress: Progress): void;
  /** Yields to the event loop when due; throws `job.cancelled` after a cancel. */
  checkpoint(): Promise<void>;
  /** Milliseconds from a monotonic clock; reports only, never results. */
  now(): number;
}

/** The job's clock and checkpoints, for work within it that reports nothing. */
export function unreported(job: Pick<Job<never>, "checkpoint" | "now">): Job<unknown> {
  return { now: () => job.now(), checkpoint: () => job.checkpoint(), report: () => {} };
}

/** A job that nobody watches. */
export const SILENT_JOB: Job<unknown> = {
  report: () => {},
  checkpoint: () => Promise.resolve(),
  now: () => 0,
};
