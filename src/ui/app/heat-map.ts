import type { ChipReport } from "../../engine/esp/examine-chip.ts";
import type { ModelSummary } from "../../engine/reports.ts";
import type { Overlay } from "../../state/view.ts";
import type { Comparison } from "../../worker/protocol.ts";

/** SQNR that counts as harmless, and as worst, on the heat scale. */
const COOL_DB = 50;
const HOT_DB = 5;

export type HeatKind = Extract<Overlay, "sqnr" | "own" | "exponent">;

export interface HeatMap {
  readonly kind: HeatKind;
  /** Numbers of nodes by key: dB, or exponents. */
  readonly nodes: ReadonlyMap<string, number>;
  /** Node key → 0 (harmless) … 1 (worst); only those with less SQNR than `db`. */
  heatBelow(db: number | undefined): ReadonlyMap<string, number>;
  /** What each of so many colours stands for, worst first. */
  scale(colors: number): readonly string[];
}

export interface HeatSources {
  readonly summary: ModelSummary;
  readonly comparison: Comparison | undefined;
  readonly examined: ChipReport | undefined;
  readonly overlay: Overlay;
}

/** Numbers by node while they are shown on the graph: accumulated or own errors, or exponents. */
export function heatMap(sources: HeatSources): HeatMap | undefined {
  const { summary, comparison, examined, overlay } = sources;
  if (overlay === "sqnr") return comparison && errorMap(overlay, summary, accumulated(comparison));
  if (overlay === "own") return examined && errorMap(overlay, summary, own(examined));
  return overlay === "exponent" ? exponentMap(summary, examined) : undefined;
}

type Numbers = ReadonlyMap<string, number>;

function errorMap(kind: HeatKind, summary: ModelSummary, errors: Numbers): HeatMap {
  const nodes = nodeNumbers(summary, errors);
  const heatOf = (db: number) => Math.min(1, Math.max(0, (COOL_DB - db) / (COOL_DB - HOT_DB)));
  return {
    kind,
    nodes,
    heatBelow: (below) =>
      new Map(
        [...nodes].filter(([, db]) => below === undefined || db < below).map(([k, db]) => [k, heatOf(db)]),
      ),
    scale: (colors) => {
      const step = (COOL_DB - HOT_DB) / colors;
      return Array.from({ length: colors }, (_, i) => {
        const [low, high] = [HOT_DB + step * i, HOT_DB + step * (i + 1)];
        if (i === 0) return `< ${high} dB`;
        return i === colors - 1 ? `≥ ${low} dB` : `${low}–${high} dB`;
      });
    },
  };
}

/** Coarse steps are hot: the largest exponent of the model is worst. */
function exponentMap(summary: ModelSummary, examined: ChipReport | undefined): HeatMap | undefined {
  const exponents = summary.quantized
    ? [...summary.values, ...summary.outputs].flatMap(({ name, exponents: [e] = [] }) =>
        e === undefined ? [] : [[name, e] as const],
      )
    : (examined?.modes[0]?.values ?? []).map((v) => [v.value, v.exponent] as const);
  if (exponents.length === 0) return undefined;
  const nodes = nodeNumbers(summary, new Map(exponents));
  const high = Math.max(...nodes.values());
  const levels = high - Math.min(...nodes.values()) + 1;
  return {
    kind: "exponent",
    nodes,
    // In the middle of its step, so that every colour has whole exponents.
    heatBelow: () => new Map([...nodes].map(([key, e]) => [key, 1 - (high - e + 0.5) / levels])),
    scale: (colors) =>
      Array.from({ length: colors }, (_, i) => {
        const from = Math.ceil((i * levels) / colors - 0.5);
        const to = Math.ceil(((i + 1) * levels) / colors - 0.5) - 1;
        if (to < from) return "";
        return to === from ? signed(high - from) : `${signed(high - from)} … ${signed(high - to)}`;
      }),
  };
}

function signed(exponent: number): string {
  return String(exponent).replace("-", "−");
}

function accumulated({ quantization: { values, outputs } }: Comparison): Numbers {
  return new Map([...values, ...outputs].map((v) => [v.value, v.sqnrDb]));
}

function own({ modes: [plan] }: ChipReport): Numbers {
  return new Map((plan?.values ?? []).map((v) => [v.value, v.own.sqnrDb]));
}

/** A node has the number of its first output; where a chip computes it together with its only reader, of that. */
function nodeNumbers({ nodes }: ModelSummary, numbers: Numbers): Numbers {
  const readers = new Map<string, ModelSummary["nodes"][number][]>();
  for (const node of nodes)
    for (const name of new Set(node.inputs)) readers.set(name, [...(readers.get(name) ?? []), node]);
  const found = new Map<string, number>();
  for (const node of [...nodes].reverse()) {
    const [value = ""] = node.outputs;
    const [reader, ...others] = readers.get(value) ?? [];
    const together = reader && others.length === 0 ? found.get(reader.key) : undefined;
    const number = numbers.get(value) ?? together;
    if (number !== undefined) found.set(node.key, number);
  }
  return found;
}
