import type { Steps } from "./whole-picture.ts";

/** The page answers in between: well below the 50 ms from which a delay is felt. */
const SLICE_MS = 12;

export interface StepOptions {
  readonly signal: AbortSignal;
  /** Portion that is done, 0 … 1. */
  readonly onProgress: (done: number) => void;
}

/** Runs steps in slices between which the page lives on. Throws the signal's reason once it is aborted. */
export async function runSteps<Result>(
  steps: Steps<Result>,
  { signal, onProgress }: StepOptions,
): Promise<Result> {
  let start = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const { value, done } = steps.next();
    if (done) return value as Result;
    if (performance.now() - start < SLICE_MS) continue;
    onProgress(value as number);
    await nextTurn();
    start = performance.now();
  }
}

/** Lets the page paint and listen. A message is not held back as nested timers are. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
