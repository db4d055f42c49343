import type { SessionsOptions } from "../state/sessions/sessions.ts";

const LOCK = "rill.session.";

/** A page that reloads gives its locks back a moment after the next page has begun. */
const HANDOVER_MS = 1000;

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
function hold(id: string): Promise<(() => Promise<void>) | undefined> {
  const { locks } = navigator;
  if (!locks) return Promise.resolve(() => Promise.resolve());
  return new Promise((resolve) => {
    const end: Promise<void> = locks
      .request(LOCK + id, { signal: AbortSignal.timeout(HANDOVER_MS) }, () => {
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
