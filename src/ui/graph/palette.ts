import { OP_FAMILIES, type OpFamily } from "./op-family.ts";

/** Colours of one theme. Lines, strips and marks keep ≥ 3:1 and texts ≥ 4.5:1 against what lies under them. */
export interface Palette {
  readonly background: string;
  readonly surface: string;
  readonly border: string;
  readonly edge: string;
  readonly text: string;
  readonly mutedText: string;
  readonly accent: string;
  readonly cache: string;
  readonly split: string;
  readonly bad: string;
  readonly approximate: string;
  readonly family: Readonly<Record<OpFamily, string>>;
  /** Fills of boxes by module, repeated when there are more modules. */
  readonly modules: readonly string[];
  /** Least to worst. */
  readonly heat: readonly string[];
}

export const LIGHT: Palette = {
  background: "#f3f5f7",
  surface: "#ffffff",
  border: "#7d8998",
  edge: "#76818f",
  text: "#17202b",
  mutedText: "#4d5968",
  accent: "#1f5fd0",
  cache: "#0b756f",
  split: "#a02c80",
  bad: "#b3241c",
  approximate: "#8a5a00",
  family: {
    linear: "#2f6fd6",
    norm: "#6b6fb8",
    activation: "#c2571a",
    arithmetic: "#5f7a1f",
    shape: "#7a7f87",
    reduce: "#1d8a8a",
    recurrent: "#9a3fb5",
    quant: "#b03a62",
    port: "#17202b",
    other: "#8a6d3b",
  },
  modules: ["#e4edfc", "#f9e4f3", "#e3f3e4", "#fdf0d8", "#e6e4fb", "#dcf2f0"],
  heat: ["#fde8b0", "#f7b267", "#e4714f", "#b83264", "#6a1f7a"],
};

export const DARK: Palette = {
  background: "#10141a",
  surface: "#1c222b",
  border: "#6d7b8d",
  edge: "#7f8c9d",
  text: "#e6eaf0",
  mutedText: "#a3afbe",
  accent: "#6ea0ff",
  cache: "#4fd0c6",
  split: "#f08ed2",
  bad: "#ff8d84",
  approximate: "#e8b34b",
  family: {
    linear: "#5b93f0",
    norm: "#9a9ee6",
    activation: "#ef8a4c",
    arithmetic: "#9dbb52",
    shape: "#929aa6",
    reduce: "#45b8b8",
    recurrent: "#c983de",
    quant: "#e5799c",
    port: "#cdd5df",
    other: "#c2a26a",
  },
  modules: ["#1d2f52", "#3f1c35", "#17352a", "#3a2b10", "#2b2850", "#123836"],
  heat: ["#4a3b1c", "#8a5a24", "#c4603f", "#e0588a", "#f2a3e6"],
};

/** The theme's palette, with the page's CSS variables where they are set. `read` answers "" for an unset one. */
export function readPalette(theme: "light" | "dark", read: (variable: string) => string): Palette {
  const base = theme === "dark" ? DARK : LIGHT;
  const pick = (variable: string, fallback: string) => read(variable).trim() || fallback;
  const family = { ...base.family };
  for (const f of OP_FAMILIES) family[f] = pick(`--graph-${f}`, base.family[f]);
  return {
    ...base,
    background: pick("--bg", base.background),
    surface: pick("--graph-surface", base.surface),
    border: pick("--graph-border", base.border),
    edge: pick("--graph-edge", base.edge),
    text: pick("--text", base.text),
    mutedText: pick("--text-2", base.mutedText),
    accent: pick("--accent", base.accent),
    cache: pick("--mark-cache", base.cache),
    split: pick("--mark-split", base.split),
    bad: pick("--bad", base.bad),
    family,
  };
}

/** Colour of a heat in [0, 1]. */
export function heatColor(palette: Palette, heat: number): string {
  const step = Math.min(palette.heat.length - 1, Math.max(0, Math.floor(heat * palette.heat.length)));
  return palette.heat[step] ?? palette.bad;
}
