import type { KeptAnswer, SavedAnswer, SavedSession, SessionKeeper } from "./saved-session.ts";

export interface MemoryKeeper extends SessionKeeper {
  /** Every write fails with this; undefined: writes succeed. */
  failWith: { of: "session" | "files"; error: Error } | undefined;
}

/** Sessions in memory, cloned on every way in and out as a database does. */
export function memoryKeeper(): MemoryKeeper {
  const sessions = new Map<string, SavedSession>();
  const owners = new Map<string, string>();
  const answers = new Map<string, Map<KeptAnswer, SavedAnswer>>();
  const files = new Map<string, ReadonlyMap<string, Blob>>();
  const keeper: MemoryKeeper = {
    failWith: undefined,
    list: async () => structuredClone([...sessions.values()]).sort((a, b) => b.savedAtMs - a.savedAtMs),
    read: async (id) => structuredClone(sessions.get(id)),
    claim: async (id, owner) => void owners.set(id, owner),
    async save(session, owner) {
      if (keeper.failWith?.of === "session") throw keeper.failWith.error;
      if ((owners.get(session.id) ?? owner) !== owner) return false;
      owners.set(session.id, owner);
      sessions.set(session.id, structuredClone(session));
      return true;
    },
    readAnswers: async (id) => structuredClone(Object.fromEntries(answers.get(id) ?? [])),
    async saveAnswer(id, of, answer) {
      const kept = answers.get(id) ?? new Map<KeptAnswer, SavedAnswer>();
      answers.set(id, kept);
      if (answer) kept.set(of, structuredClone(answer));
      else kept.delete(of);
    },
    readFiles: async (id) => new Map([...(files.get(id) ?? [])].map(([key, blob]) => [key, blob.slice()])),
    async keepFiles(id, kept) {
      if (keeper.failWith?.of === "files" && kept.size > 0) throw keeper.failWith.error;
      files.set(id, kept);
    },
    async delete(id) {
      for (const store of [sessions, owners, answers, files]) store.delete(id);
    },
    async deleteAll() {
      for (const store of [sessions, owners, answers, files]) store.clear();
    },
  };
  return keeper;
}
