import { afterPaint } from "./after-paint.ts";

interface Moving {
  readonly status: "idle" | "running" | "done" | "failed";
  readonly result?: unknown;
}

interface Movable {
  subscribe(listener: (now: Moving, before: Moving) => void): () => void;
}

/** A stage that answers sooner has not been seen to run: a lamp that flashes at every mark tells nobody anything. */
const SEEN_AFTER_MS = 150;

/**
 * Tells of every change of a stage: of an answer at once, with the graph that shows it; that an answer is no longer that of
 * the present inputs behind the frame that shows those; that it runs only if it does so for a while. @returns what ends it.
 */
export function subscribeCalmly(stage: Movable, changed: () => void): () => void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const stop = stage.subscribe((now, before) => {
    if (now.status === "running") {
      waiting ??= setTimeout(changed, SEEN_AFTER_MS);
      return;
    }
    clearTimeout(waiting);
    waiting = undefined;
    if (now.result !== before.result) changed();
    else afterPaint(changed);
  });
  return () => {
    clearTimeout(waiting);
    stop();
  };
}
