import { type Problem, StudioError } from "../core/base/problem.ts";
import type { WorkerHost } from "../worker/host.ts";
import type { JobKind } from "../worker/protocol.ts";

/** What a job needs of the thread that does it. */
export type JobHost = Pick<WorkerHost, "call">;

/** Tells the user of something that went on by itself. */
export type Tell = (problem: Problem) => void;

/** Whether an error says that the worker died under its job. */
export function isWorkerLost(error: unknown): boolean {
  return error instanceof StudioError && error.problem.code === "worker.lost";
}

/**
 * The host, but a job whose worker died is done once more by the next worker; the user is told what runs again. A job that
 * ends its second worker too fails with `worker.lost`.
 */
export function restartJobs(host: JobHost, tell: Tell): JobHost {
  return {
    async call(kind, input, options) {
      try {
        return await host.call(kind, input, options);
      } catch (error) {
        if (!isWorkerLost(error) || options?.signal?.aborted) throw error;
        tell({ code: "worker.restarted", job: kind satisfies JobKind });
        return host.call(kind, input, options);
      }
    },
  };
}
