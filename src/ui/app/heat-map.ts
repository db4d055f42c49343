import type { ChipReport } from "../../engine/esp/examine-chip.ts";
import type { ModelSummary } from "../../engine/reports.ts";
import type { Overlay } from "../../state/view.ts";
import type { Comparison } from "../../worker/protocol.ts";

/** SQNR that counts as harmless, and as worst, on the heat scale. */
const COOL_DB = 50;
const HOT_DB = 5;

/** dB at the edges of the scale's colours, worst first. */
export function heatEdges(colors: number): readonly number[] {
  const step = (COOL_DB - HOT_DB) / colors;
  return Array.from({ length: colors - 1 }, (_, i) => HOT_DB + step * (i + 1));
}

export interface HeatMap {
  /** Nodes with an error, by key. */
  readonly nodes: ReadonlyMap<string, number>;
  /** Node key → 0 (harmless) … 1 (worst), of those with less SQNR than `db`. */
  heatBelow(db: number | undefined): ReadonlyMap<string, number>;
}

export interface HeatSources {
  readonly summary: ModelSummary;
  readonly comparison: Comparison | undefined;
  readonly examined: ChipReport | undefined;
  readonly overlay: Overlay;
}

/** Errors by node while they are shown on the graph: accumulated, or own (of a chip). */
export function heatMap({ summary, comparison, examined, overlay }: HeatSources): HeatMap | undefined {
  const errors = overlay === "sqnr" ? accumulated(comparison) : overlay === "own" ? own(examined) : undefined;
  if (!errors) return undefined;
  const nodes = nodeErrors(summary, errors);
  return {
    nodes,
    heatBelow: (below = Number.POSITIVE_INFINITY) =>
      new Map(
        [...nodes].flatMap(([key, db]) =>
          db < below || below === Number.POSITIVE_INFINITY ? [[key, heatOf(db)] as const] : [],
        ),
      ),
  };
}

function heatOf(db: number): number {
  return Math.min(1, Math.max(0, (COOL_DB - db) / (COOL_DB - HOT_DB)));
}

type Errors = ReadonlyMap<string, number>;

function accumulated(comparison: Comparison | undefined): Errors | undefined {
  const { values = [], outputs = [] } = comparison?.quantization ?? {};
  return comparison && new Map([...values, ...outputs].map((v) => [v.value, v.sqnrDb]));
}

function own(examined: ChipReport | undefined): Errors | undefined {
  return examined && new Map((examined.modes[0]?.values ?? []).map((v) => [v.value, v.own.sqnrDb]));
}

/** A node has the error of its first output; where a chip computes it together with its only reader, of that. */
function nodeErrors({ nodes }: ModelSummary, errors: Errors): ReadonlyMap<string, number> {
  const readers = new Map<string, ModelSummary["nodes"][number][]>();
  for (const node of nodes)
    for (const name of new Set(node.inputs)) readers.set(name, [...(readers.get(name) ?? []), node]);
  const found = new Map<string, number>();
  for (const node of [...nodes].reverse()) {
    const [value = ""] = node.outputs;
    const [reader, ...others] = readers.get(value) ?? [];
    const together = reader && others.length === 0 ? found.get(reader.key) : undefined;
    const db = errors.get(value) ?? together;
    if (db !== undefined) found.set(node.key, db);
  }
  return found;
}
