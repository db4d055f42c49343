import { createStore, type StoreApi } from "zustand/vanilla";

/** What the browser keeps of the page itself. */
export interface Installation {
  /** Everything the page needs is kept: it opens and works without a network. */
  readonly offline: boolean;
  /** A newer version is loaded and waits; this starts it, by a reload of the page. */
  readonly update?: (() => void) | undefined;
}

export type InstallationStore = StoreApi<Installation>;

export function createInstallation(): InstallationStore {
  return createStore<Installation>(() => ({ offline: false }));
}
