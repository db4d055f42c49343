import { createStore, type StoreApi } from "zustand/vanilla";

export const STEPS = [
  "model",
  "axis",
  "caches",
  "splits",
  "audio",
  "calibrate",
  "results",
  "export",
] as const;
export type StepId = (typeof STEPS)[number];
export type Language = "en" | "zh-CN";
export type ThemeChoice = "system" | "light" | "dark";
export type InspectorTab = "node" | "value" | "marks" | "problems";
export type DrawerTab = "layers" | "caches" | "errors" | "audio" | "listen" | "plots" | "log";
export type Overlay =
  | "none"
  | "time"
  | "modules"
  | "macs"
  | "bytes"
  | "divergence"
  | "sqnr"
  | "own"
  | "exponent"
  | "support";

/** A node by its key, a value by its name (graph inputs and outputs are values), or a group of nodes by its id. */
export interface Selection {
  readonly kind: "node" | "value" | "group";
  readonly id: string;
}

/** What the screen shows. Nothing here changes an answer. */
export interface View {
  readonly step: StepId;
  readonly stepOpen: boolean;
  readonly selection?: Selection;
  /** Several that are selected at once, in the order of choosing; the last is `selection`. Empty when there are no several. */
  readonly together: readonly Selection[];
  /** Selections before and after the present one, nearest last. */
  readonly back: readonly Selection[];
  readonly forward: readonly Selection[];
  /** A cut that is looked at but not made: the value it is named by, and all that crosses. */
  readonly shownCut?: { readonly value: string; readonly crossing: readonly string[] } | undefined;
  readonly inspectorOpen: boolean;
  readonly inspectorTab: InspectorTab;
  readonly drawerOpen: boolean;
  readonly drawerTab: DrawerTab;
  readonly drawerHeight: number;
  readonly stepWidth: number;
  readonly overlay: Overlay;
  /** Only values with less SQNR than this take part in the heat map; undefined: all. */
  readonly heatBelowDb?: number | undefined;
  /** Whether histograms show the logarithm of their counts. */
  readonly logCounts: boolean;
  /** Groups of nodes that are shown as their contents; "all": no groups; "auto": as the model's size asks. */
  readonly openGroups: "auto" | "all" | ReadonlySet<string>;
  /** Keys of the nodes whose subgraphs are shown in their place. */
  readonly openBodies: ReadonlySet<string>;
  /** Whether the graph is broken into columns. */
  readonly wrapped: boolean;
  readonly language: Language;
  readonly theme: ThemeChoice;
  /** Shortcuts of one letter; can be switched off (WCAG 2.1.4). */
  readonly letterKeys: boolean;
  /** The search field was asked for and has not taken the focus yet. */
  readonly searching: boolean;
  /** Escape was pressed while something runs: once more cancels it. */
  readonly asksToCancel: boolean;
  /** The dialog over the page. */
  readonly dialog: "none" | "help" | "palette" | "picture";
}

export type ViewStore = StoreApi<View>;

/** Where preferences are kept between visits: localStorage, or a map in tests. */
export interface PreferenceStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const STORAGE_KEY = "rill.view";
const STORAGE_VERSION = 1;
const KEPT = [
  "inspectorOpen",
  "drawerOpen",
  "drawerHeight",
  "stepWidth",
  "language",
  "theme",
  "letterKeys",
  "wrapped",
  "logCounts",
] as const satisfies readonly (keyof View)[];

const HISTORY_DEPTH = 50;
const NOT_SEVERAL: readonly Selection[] = [];
/** Several are summed up where one op is described. */
const OPS: Selection = { kind: "node", id: "" };

/** No subgraph is open: as a model is shown at first. */
export const NO_BODIES: ReadonlySet<string> = new Set();

/** Preferences come from `storage`, else the language from the browser's list. */
export function createView(storage: PreferenceStorage | undefined, languages: readonly string[]): ViewStore {
  const store = createStore<View>(() => ({
    step: "model",
    stepOpen: true,
    together: [],
    back: [],
    forward: [],
    inspectorOpen: true,
    inspectorTab: "node",
    drawerOpen: false,
    drawerTab: "layers",
    drawerHeight: 300,
    stepWidth: 352,
    overlay: "none",
    openGroups: "auto",
    openBodies: NO_BODIES,
    wrapped: true,
    logCounts: true,
    language: preferredLanguage(languages),
    theme: "system",
    letterKeys: true,
    searching: false,
    asksToCancel: false,
    dialog: "none",
    ...restored(storage),
  }));
  store.subscribe((view, before) => {
    if (KEPT.some((key) => view[key] !== before[key])) keep(storage, view);
  });
  return store;
}

/** Simplified Chinese for any Chinese preference that stands before English; else English. */
export function preferredLanguage(languages: readonly string[]): Language {
  const first = languages.find((l) => /^(zh|en)\b/i.test(l));
  return first?.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

function restored(storage: PreferenceStorage | undefined): Partial<View> {
  try {
    const saved: unknown = JSON.parse(storage?.getItem(STORAGE_KEY) ?? "null");
    if (!isRecord(saved) || saved.version !== STORAGE_VERSION || !isRecord(saved.view)) return {};
    const view = saved.view;
    return Object.fromEntries(KEPT.filter((key) => key in view).map((key) => [key, view[key]]));
  } catch {
    return {}; // unreadable preferences, or storage that the browser forbids, are no preferences
  }
}

function keep(storage: PreferenceStorage | undefined, view: View): void {
  try {
    const kept = Object.fromEntries(KEPT.map((key) => [key, view[key]]));
    storage?.setItem(STORAGE_KEY, JSON.stringify({ version: STORAGE_VERSION, view: kept }));
  } catch {
    // a full or forbidden storage costs only the preferences
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Draws a cut that is not made; undefined: no more. */
export function showCut(view: ViewStore, cut: View["shownCut"]): void {
  view.setState({ shownCut: cut && { value: cut.value, crossing: cut.crossing } });
}

/** Selects this alone and shows it in the inspector; the earlier selection can be gone back to. */
export function select(view: ViewStore, selection: Selection | undefined): void {
  view.setState((v) => {
    const { selection: present, ...before } = v;
    const rest = { ...before, together: NOT_SEVERAL };
    const back = present ? [...v.back, present].slice(-HISTORY_DEPTH) : v.back;
    if (!selection) return { ...rest, back };
    if (present && sameSelection(present, selection))
      return v.together.length === 0 ? v : { ...rest, selection };
    const inspectorTab =
      v.inspectorTab === "marks" && selection.kind === "value" ? "marks" : tabOf(selection);
    return { ...rest, selection, back, forward: [], inspectorTab };
  }, true);
}

/**
 * Selects `next` besides what is selected. "walk": going back to the one before takes the last out again, as the arrows of
 * a list do; "toggle": what is selected already is taken out.
 */
export function selectBesides(view: ViewStore, next: Selection, how: "walk" | "toggle"): void {
  view.setState((v) => {
    const before = v.together.length > 0 ? v.together : v.selection ? [v.selection] : [];
    const at = before.findIndex((s) => sameSelection(s, next));
    const others = before.filter((_, i) => i !== at);
    const shrinks = how === "toggle" ? at >= 0 : at >= 0 && at === before.length - 2;
    const chosen = !shrinks ? [...others, next] : how === "toggle" ? others : before.slice(0, -1);
    const { selection: _, ...rest } = v;
    const last = chosen.at(-1);
    if (!last) return { ...rest, together: NOT_SEVERAL };
    const together = chosen.length > 1 ? chosen : NOT_SEVERAL;
    return { ...rest, selection: last, together, inspectorTab: tabOf(together.length > 0 ? OPS : last) };
  }, true);
}

/** Selects all of these besides what is selected; the last of them leads. */
export function selectAll(view: ViewStore, selections: readonly Selection[]): void {
  view.setState((v) => {
    const before = v.together.length > 0 ? v.together : v.selection ? [v.selection] : [];
    const byName = new Map([...before, ...selections].map((s) => [`${s.kind} ${s.id}`, s] as const));
    const chosen = [...byName.values()];
    const last = chosen.at(-1);
    if (!last) return v;
    const together = chosen.length > 1 ? chosen : NOT_SEVERAL;
    return { ...v, selection: last, together, inspectorTab: tabOf(together.length > 0 ? OPS : last) };
  }, true);
}

/** Takes the last selected out; of nothing selected, goes back to what was. */
export function toggleSelected(view: ViewStore): void {
  const { selection, together } = view.getState();
  if (!selection) selectBack(view);
  else if (together.length > 0) selectBesides(view, selection, "toggle");
  else select(view, undefined);
}

export function selectBack(view: ViewStore): void {
  view.setState((v) => {
    const target = v.back.at(-1);
    if (!target) return v;
    const forward = v.selection ? [...v.forward, v.selection] : v.forward;
    const rest = { ...v, together: NOT_SEVERAL };
    return { ...rest, selection: target, back: v.back.slice(0, -1), forward, inspectorTab: tabOf(target) };
  }, true);
}

export function selectForward(view: ViewStore): void {
  view.setState((v) => {
    const target = v.forward.at(-1);
    if (!target) return v;
    const back = v.selection ? [...v.back, v.selection] : v.back;
    const rest = { ...v, together: NOT_SEVERAL };
    return { ...rest, selection: target, forward: v.forward.slice(0, -1), back, inspectorTab: tabOf(target) };
  }, true);
}

/** Forgets what belonged to the model that was open before. */
export function forgetSelection(view: ViewStore): void {
  view.setState(
    ({ selection: _, ...v }) => ({
      ...v,
      together: NOT_SEVERAL,
      back: [],
      forward: [],
      openGroups: "auto",
      openBodies: NO_BODIES,
    }),
    true,
  );
}

export function openStep(view: ViewStore, step: StepId): void {
  view.setState({ step, stepOpen: true });
}

export function openDrawer(view: ViewStore, drawerTab: DrawerTab): void {
  view.setState({ drawerTab, drawerOpen: true });
}

function tabOf({ kind }: Selection): InspectorTab {
  return kind === "value" ? "value" : "node";
}

function sameSelection(a: Selection, b: Selection): boolean {
  return a.kind === b.kind && a.id === b.id;
}
