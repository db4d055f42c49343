import { runAll } from "../replay.ts";
import { addNotice } from "../session.ts";
import type { StageName } from "../stages.ts";
import type { Studio } from "../studio.ts";
import type { SavedSession } from "./saved-session.ts";

const WORK = ["calibrate", "compare", "prove", "package"] as const satisfies readonly StageName[];

/**
 * Takes up what ran when the page went: by itself after a reload; after a crash, which the work may have caused, it says what
 * is left instead.
 */
export function resumeWork(studio: Studio, saved: SavedSession, reloaded: boolean): void {
  const { session } = studio;
  const interrupted = WORK.filter((name) => saved.running.includes(name));
  if (!reloaded) {
    const { found } = studio.found.getState();
    const total = saved.clips.filter((clip) => clip.used).length;
    if (interrupted.includes("calibrate")) {
      addNotice(session, { code: "session.interrupted", done: found?.report.clips.length ?? 0, total });
    }
    return;
  }
  if (saved.replaying) void runAll(studio);
  else for (const name of interrupted) runWhenReady(studio, name, saved.id);
}

/** Runs a stage once, as soon as its inputs are there, if the session is still the same then. */
function runWhenReady({ stages, session }: Studio, name: (typeof WORK)[number], id: string): void {
  const { store } = stages[name];
  const attempt = () => {
    if (session.getState().restored?.id !== id) return true;
    if (!store.getState().ready) return false;
    void stages[name].run();
    return true;
  };
  if (attempt()) return;
  const stop = store.subscribe(() => {
    if (attempt()) stop();
  });
}
