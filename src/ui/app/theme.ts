import { useSyncExternalStore } from "react";
import type { ThemeChoice } from "../../state/view.ts";

const darkQuery = () => window.matchMedia("(prefers-color-scheme: dark)");

/** The theme in force: the user's choice, or the system's. */
export function useThemeName(choice: ThemeChoice): "light" | "dark" {
  const systemDark = useSyncExternalStore(
    (changed) => {
      const query = darkQuery();
      query.addEventListener("change", changed);
      return () => query.removeEventListener("change", changed);
    },
    () => darkQuery().matches,
  );
  if (choice !== "system") return choice;
  return systemDark ? "dark" : "light";
}
