import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from "idb";
import type {
  KeptAnswer,
  SavedAnswer,
  SavedAnswers,
  SavedSession,
  SessionKeeper,
} from "../state/sessions/saved-session.ts";

const NAME = "rill";
const VERSION = 1;

/** Sessions beyond these are forgotten, oldest first. */
const MOST_SESSIONS = 30;

interface Schema extends DBSchema {
  sessions: { key: string; value: SavedSession };
  /** Which page may save a session. */
  owners: { key: string; value: string };
  answers: { key: [session: string, of: KeptAnswer]; value: SavedAnswer };
  files: { key: [session: string, file: string]; value: Blob };
}

type Database = IDBPDatabase<Schema>;

/** Sessions in IndexedDB. Opened at the first need; a browser that forbids it rejects every call. */
export function createSessionDatabase(): SessionKeeper {
  let opening: Promise<Database> | undefined;
  const open = () => {
    opening ??= openDB<Schema>(NAME, VERSION, {
      upgrade(db) {
        for (const store of ["sessions", "owners", "answers", "files"] as const) db.createObjectStore(store);
      },
      // Another tab wants to delete or upgrade: it must not wait for this one.
      blocking() {
        void opening?.then((db) => db.close());
        opening = undefined;
      },
      // The browser has closed it, as when the user clears what sites keep: the next call opens it again.
      terminated() {
        opening = undefined;
      },
    }).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  return {
    async list() {
      const sessions = await (await open()).getAll("sessions");
      return sessions.filter(readable).sort((a, b) => b.savedAtMs - a.savedAtMs);
    },
    async read(id) {
      const session = await (await open()).get("sessions", id);
      return session && readable(session) ? session : undefined;
    },
    async claim(id, owner) {
      await (await open()).put("owners", owner, id);
    },
    async save(session, owner) {
      const db = await open();
      const tx = db.transaction(["sessions", "owners"], "readwrite");
      const present = await tx.objectStore("owners").get(session.id);
      if (present !== undefined && present !== owner) return false;
      await Promise.all([
        tx.objectStore("owners").put(owner, session.id),
        tx.objectStore("sessions").put(session, session.id),
        tx.done,
      ]);
      await forgetOldest(db);
      return true;
    },
    async readAnswers(id) {
      const tx = (await open()).transaction("answers");
      const answers: Partial<Record<KeptAnswer, SavedAnswer>> = {};
      for await (const cursor of tx.store.iterate(partsOf(id))) answers[cursor.key[1]] = cursor.value;
      return answers satisfies SavedAnswers;
    },
    async saveAnswer(id, of, answer) {
      const db = await open();
      await (answer ? db.put("answers", answer, [id, of]) : db.delete("answers", [id, of]));
    },
    async readFiles(id) {
      const tx = (await open()).transaction("files");
      const files = new Map<string, Blob>();
      for await (const cursor of tx.store.iterate(partsOf(id))) files.set(cursor.key[1], cursor.value);
      return files;
    },
    async keepFiles(id, files) {
      const tx = (await open()).transaction("files", "readwrite");
      const kept = new Set((await tx.store.getAllKeys(partsOf(id))).map(([, file]) => file));
      const gone = [...kept].filter((file) => !files.has(file));
      const added = [...files].filter(([file]) => !kept.has(file));
      await Promise.all([
        ...gone.map((file) => tx.store.delete([id, file])),
        ...added.map(([file, blob]) => tx.store.put(blob, [id, file])),
        tx.done,
      ]);
    },
    async delete(id) {
      await deleteSession(await open(), id);
    },
    async deleteAll() {
      (await opening?.catch(() => undefined))?.close();
      opening = undefined;
      await deleteDB(NAME);
    },
  };
}

function readable(session: SavedSession): boolean {
  return session.schema === 1;
}

/** Every key that starts with this session: an array sorts behind all texts. */
function partsOf(id: string): IDBKeyRange {
  return IDBKeyRange.bound([id], [id, []]);
}

async function deleteSession(db: Database, id: string): Promise<void> {
  const tx = db.transaction(["sessions", "owners", "answers", "files"], "readwrite");
  await Promise.all([
    tx.objectStore("sessions").delete(id),
    tx.objectStore("owners").delete(id),
    tx.objectStore("answers").delete(partsOf(id)),
    tx.objectStore("files").delete(partsOf(id)),
    tx.done,
  ]);
}

async function forgetOldest(db: Database): Promise<void> {
  if ((await db.count("sessions")) <= MOST_SESSIONS) return;
  const sessions = await db.getAll("sessions");
  const oldest = sessions.sort((a, b) => b.savedAtMs - a.savedAtMs).slice(MOST_SESSIONS);
  for (const { id } of oldest) await deleteSession(db, id);
}
