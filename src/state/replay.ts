import { acceptCaches } from "./document.ts";
import { proposalsOf } from "./select/marks.ts";
import type { Studio } from "./studio.ts";

/** The stages of the whole job, in order. */
const PREPARE = ["open", "analyse", "inspect", "convert"] as const;
const WORK = ["calibrate", "compare", "package"] as const;

/**
 * Runs everything that is left: accepts the proposed caches, then calibrates, compares and packages.
 * Stops at the first stage that fails or is cancelled. Resolves with true when a package exists.
 */
export async function runAll(studio: Studio): Promise<boolean> {
  const { stages, document, session, view } = studio;
  session.setState({ replaying: true });
  let model = session.getState().model;
  /** Another model was opened, or this one closed: its work is not ours. */
  const left = () => session.getState().model !== model;
  try {
    for (const name of PREPARE) {
      await stages[name].settled();
      if (stages[name].store.getState().status !== "done") return false;
      if (name === "open") model = session.getState().model;
      else if (left()) return false;
    }
    const conversion = stages.convert.store.getState().result;
    const proposed = proposalsOf(document.getState().present, undefined, conversion);
    acceptCaches(
      document,
      proposed.map((p) => p.value),
    );
    await stages.convert.settled();
    if (stages.convert.store.getState().status !== "done" || left()) return false;
    for (const name of WORK) {
      if (name === "calibrate") view.setState({ step: "calibrate" });
      if (!isCurrent(studio, name)) await stages[name].run();
      const { status, stale, stopped } = stages[name].store.getState();
      if (status !== "done" || stale || stopped || left()) return false;
      if (name === "compare") view.setState({ step: "results", drawerTab: "plots", drawerOpen: true });
    }
    view.setState({ step: "export" });
    // The package does not wait for it.
    if (stages.prove.store.getState().ready && !isCurrent(studio, "prove")) void stages.prove.run();
    return true;
  } finally {
    session.setState({ replaying: false });
  }
}

/** Whether a stage has the whole answer to the present inputs already. */
function isCurrent({ stages }: Studio, name: (typeof WORK)[number] | "prove"): boolean {
  const { status, stale, result } = stages[name].store.getState();
  const partial = result !== undefined && "partial" in result && result.partial;
  return status === "done" && !stale && !partial;
}
