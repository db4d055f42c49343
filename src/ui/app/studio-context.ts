import { createContext, useCallback, useContext, useRef, useSyncExternalStore } from "react";
import { type StoreApi, useStore } from "zustand";
import type { Plan } from "../../core/plan/plan.ts";
import type { Command, Shell } from "../../state/commands/command.ts";
import type { Session } from "../../state/session.ts";
import type { Sessions } from "../../state/sessions/sessions.ts";
import type { Stage, StageState } from "../../state/stage.ts";
import type { Stages } from "../../state/stages.ts";
import type { Studio } from "../../state/studio.ts";
import type { View } from "../../state/view.ts";
import type { Text } from "../i18n/text.ts";
import { afterPaint } from "./after-paint.ts";
import { subscribeCalmly } from "./subscribe-calmly.ts";

/** The one object that panels reach state through; it never changes while the page lives. */
export interface AppContext {
  readonly studio: Studio;
  readonly sessions: Sessions;
  readonly shell: Shell;
}

export const AppContextProvider = createContext<AppContext | undefined>(undefined);
export const TextProvider = createContext<Text | undefined>(undefined);

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("outside the app");
  return value;
}

export function useStudio(): Studio {
  return present(useContext(AppContextProvider)).studio;
}

export function useSessions(): Sessions {
  return present(useContext(AppContextProvider)).sessions;
}

export function useText(): Text {
  return present(useContext(TextProvider));
}

/** A function that runs a command if it applies now. */
export function useRun(): (command: Command) => void {
  const { studio, shell } = present(useContext(AppContextProvider));
  return (command) => {
    if (command.when(studio)) command.run(studio, shell);
  };
}

export function useShell(): Shell {
  return present(useContext(AppContextProvider)).shell;
}

/**
 * When a component follows a change: "now" with the graph, or "afterPaint", one frame behind it. What only tells of a mark
 * does not hold up the picture that shows it; a field that is typed into follows now.
 */
export type When = "now" | "afterPaint";

function useFollow<S, T>(store: StoreApi<S>, read: (state: S) => T, when: When): T {
  const subscribe = useCallback(
    (changed: () => void) => store.subscribe(when === "now" ? changed : () => afterPaint(changed)),
    [store, when],
  );
  return useSyncExternalStore(subscribe, () => read(store.getState()));
}

export function usePlan(when: When = "now"): Plan {
  return useFollow(useStudio().document, (h) => h.present, when);
}

/** These decisions of the plan; an edit of others renders nothing again. */
export function usePlanOf<K extends keyof Plan>(...keys: readonly K[]): Pick<Plan, K> {
  const { document } = useStudio();
  const last = useRef<Plan>(undefined);
  return useSyncExternalStore(document.subscribe, () => {
    const [before, { present }] = [last.current, document.getState()];
    if (!before || keys.some((key) => before[key] !== present[key])) last.current = present;
    return last.current ?? present;
  });
}

/** Where the model is to run. */
export function useTarget(): string {
  return usePlanOf("target").target;
}

/** What the last edit did and what a redo would do. */
export function useEditsAround() {
  const { document } = useStudio();
  const past = useFollow(document, (h) => h.past.at(-1)?.label, "afterPaint");
  const future = useFollow(document, (h) => h.future[0]?.label, "afterPaint");
  return { past, future };
}

export function useView<T>(selector: (view: View) => T): T {
  return useStore(useStudio().view, selector);
}

export function useSession<T>(selector: (session: Session) => T): T {
  return useStore(useStudio().session, selector);
}

type StateOf<S> =
  S extends Stage<infer _Parts, infer Out, infer Progress> ? StageState<Out, Progress> : never;

export function useStage<K extends keyof Stages>(name: K): StateOf<Stages[K]> {
  const stages = useStudio().stages;
  return useStore(stages[name].store as never) as StateOf<Stages[K]>;
}

/** The answer of a stage. Progress of a new run renders nothing again. */
export function useResult<K extends keyof Stages>(name: K): StateOf<Stages[K]>["result"] {
  const stages = useStudio().stages;
  const store = stages[name].store as unknown as StoreApi<StageState<unknown, unknown>>;
  return useFollow(store, (state) => state.result, "now") as StateOf<Stages[K]>["result"];
}

/** Whether a stage's answer belongs to other inputs than those of now. */
export function useStale(name: keyof Stages, when: When = "now"): boolean {
  const store = useStudio().stages[name].store as unknown as StoreApi<StageState<unknown, unknown>>;
  return useFollow(store, (state) => state.stale, when);
}

/** Renders again after a stage has moved, but not for its progress; the answers themselves come from `answersOf`. */
export function useAnswers(): void {
  const { stages } = useStudio();
  useMoves(stages.open);
  useMoves(stages.analyse);
  useMoves(stages.convert);
  useMoves(stages.inspect);
  useMoves(stages.calibrate);
  useMoves(stages.compare);
  useMoves(stages.package);
  useSession((s) => s.clips);
}

function useMoves(stage: { readonly store: unknown }): void {
  const store = stage.store as StoreApi<StageState<unknown, unknown>>;
  const subscribe = useCallback((changed: () => void) => subscribeCalmly(store, changed), [store]);
  useSyncExternalStore(subscribe, () => store.getState().result);
  useSyncExternalStore(subscribe, () => {
    const { status, ready, stale } = store.getState();
    return `${status} ${ready} ${stale}`;
  });
}
