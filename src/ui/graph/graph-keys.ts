import type { Direction } from "./navigation.ts";

export type GraphAction =
  | { readonly kind: "go" | "extend"; readonly direction: Direction }
  | { readonly kind: "trouble" | "mark"; readonly step: 1 | -1 }
  | { readonly kind: "pan"; readonly dx: number; readonly dy: number }
  | { readonly kind: "zoom"; readonly factor: number }
  | {
      readonly kind:
        | "toggleCache"
        | "toggleSplit"
        | "toggleSelected"
        | "fitSelection"
        | "fitAll"
        | "inspect"
        | "menu"
        | "clear";
    }
  | { readonly kind: "follow"; readonly direction: "upstream" | "downstream" };

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  readonly isComposing: boolean;
}

const PAN_PX = 80;
/** Where S and D of WASD move the picture. */
export const PANS = { s: { dx: 0, dy: -PAN_PX }, d: { dx: -PAN_PX, dy: 0 } } as const;
const ZOOM_STEP = 1.25;

const NAMED: Readonly<Record<string, GraphAction>> = {
  ArrowDown: { kind: "go", direction: "next" },
  ArrowUp: { kind: "go", direction: "previous" },
  ArrowLeft: { kind: "go", direction: "left" },
  ArrowRight: { kind: "go", direction: "right" },
  Enter: { kind: "inspect" },
  " ": { kind: "toggleSelected" },
  Escape: { kind: "clear" },
  ContextMenu: { kind: "menu" },
  "0": { kind: "fitAll" },
  "+": { kind: "zoom", factor: ZOOM_STEP },
  "=": { kind: "zoom", factor: ZOOM_STEP },
  "-": { kind: "zoom", factor: 1 / ZOOM_STEP },
};

const LETTERS: Readonly<Record<string, GraphAction>> = {
  f: { kind: "fitSelection" },
  w: { kind: "pan", dx: 0, dy: PAN_PX },
  s: { kind: "toggleSplit" },
  a: { kind: "pan", dx: PAN_PX, dy: 0 },
  d: { kind: "follow", direction: "downstream" },
  c: { kind: "toggleCache" },
  u: { kind: "follow", direction: "upstream" },
  m: { kind: "mark", step: 1 },
  n: { kind: "trouble", step: 1 },
  p: { kind: "trouble", step: -1 },
};

/**
 * What a key does while the graph has the focus. S splits and D follows what is selected; Shift+S and Shift+D always pan, as S and D
 * do where nothing is selected. Letters can be switched off (WCAG 2.1.4); nothing happens while an input method composes.
 */
export function graphAction(press: KeyPress, letters: "on" | "off"): GraphAction | undefined {
  if (press.isComposing || press.ctrlKey || press.metaKey || press.altKey) return undefined;
  if (press.key === "F10" && press.shiftKey) return { kind: "menu" };
  const named = Object.hasOwn(NAMED, press.key) ? NAMED[press.key] : undefined;
  if (named) return named.kind === "go" && press.shiftKey ? { ...named, kind: "extend" } : named;
  if (letters === "off") return undefined;
  const letter = press.key.toLowerCase();
  if (letter === "m" && press.shiftKey) return { kind: "mark", step: -1 };
  if (press.shiftKey && (letter === "s" || letter === "d")) return { kind: "pan", ...PANS[letter] };
  return Object.hasOwn(LETTERS, letter) ? LETTERS[letter] : undefined;
}
