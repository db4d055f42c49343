import type { HoldOptions, SessionsOptions } from "../state/sessions/sessions.ts";

const LOCK = "rill.session.";

/** Long enough for another page to answer that it has the lock. */
const ASK_MS = 1000;

/** A page that reloads gives its locks back after the next page has begun; on a busy machine long after. */
const HANDOVER_MS = 15_000;

/** What sessions need of a browser besides its database. */
export function browserSessions(): Omit<SessionsOptions, "studio" | "keeper"> {
  return {
    tab: tabStorage(),
    hold,
    held,
    persist: () => void navigator.storage?.persist().catch(() => false),
    freeBytes,
    now: () => Date.now(),
  };
}

/** Takes a lock that the browser gives back when this page goes, however it goes. Without locks nobody else has it. */
function hold(id: string, options?: HoldOptions): Promise<(() => Promise<void>) | undefined> {
  const { locks } = navigator;
  if (!locks) return Promise.resolve(() => Promise.resolve());
  const waitMs = options?.reloaded ? HANDOVER_MS : ASK_MS;
  return new Promise((resolve) => {
    const end: Promise<void> = locks
      .request(LOCK + id, { signal: AbortSignal.timeout(waitMs) }, () => {
        return new Promise<void>((release) =>
          resolve(() => {
            release();
            return end;
          }),
        );
      })
      .catch(() => resolve(undefined));
  });
}

async function held(): Promise<ReadonlySet<string>> {
  const { held: taken = [] } = (await navigator.locks?.query()) ?? {};
  const names = taken.flatMap(({ name }) => (name?.startsWith(LOCK) ? [name.slice(LOCK.length)] : []));
  return new Set(names);
}

async function freeBytes(): Promise<number> {
  try {
    const { quota = 0, usage = 0 } = (await navigator.storage?.estimate()) ?? {};
    return Math.max(0, quota - usage);
  } catch {
    return 0; // a browser that forbids storage tells no sizes
  }
}

/** sessionStorage, unless the browser forbids it. */
function tabStorage(): Storage | undefined {
  try {
    return window.sessionStorage;
  } catch {
    return undefined;
  }
}
