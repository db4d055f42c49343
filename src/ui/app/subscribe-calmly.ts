interface Moving {
  readonly status: "idle" | "running" | "done" | "failed";
}

interface Movable {
  subscribe(listener: (now: Moving, before: Moving) => void): () => void;
}

/** A stage that answers sooner has not been seen to run: a lamp that flashes at every mark tells nobody anything. */
const SEEN_AFTER_MS = 150;

/** Tells of every change of a stage, but that it runs only if it does so for a while. @returns what ends it. */
export function subscribeCalmly(stage: Movable, changed: () => void): () => void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const stop = stage.subscribe((now) => {
    if (now.status === "running") {
      waiting ??= setTimeout(changed, SEEN_AFTER_MS);
      return;
    }
    clearTimeout(waiting);
    waiting = undefined;
    changed();
  });
  return () => {
    clearTimeout(waiting);
    stop();
  };
}
