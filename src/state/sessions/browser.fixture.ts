import { setChunk, toggleSplit, undoEdit } from "../document.ts";
import { fakeStudio, file, settle } from "../fake-studio.fixture.ts";
import { openFiles } from "../open-files.ts";
import { runAll } from "../replay.ts";
import { memoryKeeper } from "./memory-keeper.fixture.ts";
import type { SessionKeeper } from "./saved-session.ts";
import { Sessions } from "./sessions.ts";

/** A browser: what outlives its pages. */
export function browser() {
  const keeper = memoryKeeper();
  const locks = new Map<string, symbol>();
  let nowMs = 0;
  return {
    keeper,
    /** The browser takes the mark of whoever has it. */
    release: async (id: string) => void locks.delete(id),
    newTab() {
      const memory = new Map<string, string>();
      const tab = {
        getItem: (k: string) => memory.get(k) ?? null,
        setItem: (k: string, v: string) => void memory.set(k, v),
      };
      return {
        /** The tab's page is loaded; `crash` ends the one before without a word. */
        load() {
          const fake = fakeStudio({ "samples/index.json": JSON.stringify({ samples: [] }) });
          const page = Symbol();
          let gone = false;
          /** Nothing answers a page that is gone. */
          const alive = <T>(answer: () => Promise<T>) => (gone ? new Promise<T>(() => {}) : answer());
          const own = new Proxy(keeper, {
            get: (of, name: keyof SessionKeeper) =>
              typeof of[name] === "function"
                ? (...args: never[]) =>
                    alive(() => (of[name] as (...a: never[]) => Promise<unknown>)(...args))
                : of[name],
          });
          const sessions = new Sessions({
            ...{ studio: fake.studio, keeper: own, tab },
            hold: (id) =>
              alive(async () => {
                if (locks.has(id)) return undefined;
                locks.set(id, page);
                return async () => void (locks.get(id) === page && locks.delete(id));
              }),
            held: async () => new Set(locks.keys()),
            persist: () => {},
            now: () => ++nowMs,
            freeBytes: async () => 7,
          });
          return {
            ...fake,
            sessions,
            /** Sessions that some page has open. */
            held: async () => new Set(locks.keys()),
            /** The page goes: in good order, before its last save came to an end, or by a crash. */
            async end(how: "reload" | "cut" | "crash" = "reload") {
              if (how === "cut") gone = true;
              if (how !== "crash") sessions.leave();
              if (how !== "cut") await sessions.flush();
              gone = true;
              for (const [id, owner] of locks) if (owner === page) locks.delete(id);
            },
          };
        },
      };
    },
  };
}

/** A model and two clips. */
export const projectFiles = () => [file("m.onnx"), file("a.wav"), file("b.wav")];

/** A page of the tab with the whole job done, an edit after it, and one undone. */
export async function worked(tab: ReturnType<ReturnType<typeof browser>["newTab"]>, keepFiles: boolean) {
  const page = tab.load();
  await openFiles(page.studio, projectFiles());
  await settle(page.studio);
  await runAll(page.studio);
  setChunk(page.studio.document, 4);
  toggleSplit(page.studio.document, "y");
  undoEdit(page.studio.document);
  await settle(page.studio);
  if (keepFiles) await page.sessions.setKeepFiles(true);
  await page.sessions.flush();
  return page;
}
