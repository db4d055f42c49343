import { StudioError } from "../core/base/problem.ts";
import { failureOf } from "./failure.ts";
import { inPieces } from "./pieces.ts";
import type { Endpoint, Handlers, ToPage, ToWorker, WorkerJob } from "./protocol.ts";

/** A checkpoint gives the event loop a turn at most this often. */
const YIELD_EVERY_MS = 16;

/** Answers jobs that arrive at `endpoint`; those without a handler fail. The worker's end of the pipe. */
export function serve(endpoint: Endpoint, handlers: Partial<Handlers>): void {
  const cancelled = new Set<number>();
  const running = new Set<number>();
  const send = (message: ToPage, transfer: Transferable[] = []) => endpoint.postMessage(message, transfer);

  async function start(message: Extract<ToWorker, { type: "start" }>): Promise<void> {
    const { id, kind, input } = message;
    running.add(id);
    const moved = new Set<Transferable>();
    const job = workerJob({
      report: (progress) => send({ type: "progress", id, progress }),
      isCancelled: () => cancelled.has(id),
      moved,
    });
    try {
      const handler = handlers[kind] as ((input: unknown, job: WorkerJob<unknown>) => unknown) | undefined;
      if (!handler) throw new Error(`this worker does not do ${kind}`);
      const output = await handler(input, job);
      // What is moved must go with the rest of its answer.
      const { head, pieces } = moved.size > 0 ? { head: output, pieces: [] } : inPieces(output);
      for (const piece of pieces) send({ type: "piece", id, piece });
      send({ type: "done", id, output: head }, [...moved]);
    } catch (error) {
      send({ type: "failed", id, failure: failureOf(error, input) });
    } finally {
      running.delete(id);
      cancelled.delete(id);
    }
  }

  endpoint.onmessage = (event) => {
    const message = event.data as ToWorker;
    if (message.type === "start") void start(message);
    else if (running.has(message.id)) cancelled.add(message.id);
  };
}

function workerJob(of: {
  report: (progress: unknown) => void;
  isCancelled: () => boolean;
  moved: Set<Transferable>;
}): WorkerJob<unknown> {
  let lastYield = performance.now();
  return {
    report: of.report,
    now: () => performance.now(),
    move: (view) => {
      of.moved.add(view.buffer as ArrayBuffer);
      return view;
    },
    async checkpoint() {
      if (performance.now() - lastYield >= YIELD_EVERY_MS) {
        await turn();
        lastYield = performance.now();
      }
      if (of.isCancelled()) throw new StudioError({ code: "job.cancelled" });
    },
  };
}

/** One turn of the event loop. Nested timers are stretched to 4 ms and more; a message is not. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
