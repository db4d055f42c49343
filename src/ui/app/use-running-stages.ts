import { useMemo, useSyncExternalStore } from "react";
import { STAGE_NAMES } from "../../state/stages.ts";
import type { Studio } from "../../state/studio.ts";
import { subscribeCalmly } from "./subscribe-calmly.ts";

/** Names of the stages that run, and have done so for long enough to be seen. */
export function useRunningStages(studio: Studio): readonly string[] {
  const source = useMemo(
    () => ({
      subscribe: (changed: () => void) => {
        const stops = STAGE_NAMES.map((name) => subscribeCalmly(studio.stages[name].store, changed));
        return () => {
          for (const stop of stops) stop();
        };
      },
      // One text, so that an unchanged answer is equal by value.
      read: () =>
        STAGE_NAMES.filter((name) => studio.stages[name].store.getState().status === "running").join(","),
    }),
    [studio],
  );
  return useSyncExternalStore(source.subscribe, source.read).split(",");
}
