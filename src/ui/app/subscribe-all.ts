/** A store of any kind, as far as it tells of its changes. */
export interface Followed {
  readonly subscribe: (changed: () => void) => () => void;
}

/** Calls back after a change of any of these stores. @returns what ends it. */
export function subscribeAll(stores: readonly Followed[], changed: () => void): () => void {
  const ends = stores.map((store) => store.subscribe(changed));
  return () => {
    for (const end of ends) end();
  };
}
