import type { Endpoint, ToPage } from "./protocol.ts";

/*
 * A browser tells nobody when it ends a worker, and a worker inside a long run answers no question. A lock that the worker
 * holds is given back by the browser at its end, whatever that was. Where there are no locks (a page without a secure
 * origin), only the events of Worker tell of its end.
 */

/** Takes a lock for as long as this worker lives and tells its page the name. */
export function holdLiveness(endpoint: Endpoint): void {
  const { locks } = navigator;
  if (!locks) return;
  const lock = `rill.worker.${crypto.randomUUID()}`;
  void locks.request(lock, () => {
    endpoint.postMessage({ type: "alive", lock } satisfies ToPage);
    return new Promise<never>(() => {});
  });
}

/** Calls `onEnd` once the lock's holder is gone, unless the signal was aborted before. */
export function watchLiveness(lock: string, onEnd: () => void, signal: AbortSignal): void {
  navigator.locks?.request(lock, { signal }, onEnd).catch(() => {
    // Aborted: the page has ended the worker itself.
  });
}
