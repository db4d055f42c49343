import type { ModelSummary } from "../../../engine/reports.ts";

/** `1×64×T float32`, `1×24×16 int8 · 2^-5` with exponents; "?" where something is unknown. */
export function typeText(value: {
  readonly dtype?: string;
  readonly shape?: readonly (number | string | null)[];
  readonly exponents?: readonly number[];
}): string {
  const shape = value.shape
    ? value.shape.length
      ? value.shape.map((d) => d ?? "?").join("×")
      : "scalar"
    : "?";
  const type = `${shape} ${value.dtype ?? "?"}`;
  const power = exponentText(value);
  return power === "" ? type : `${type} · ${power}`;
}

/** `2^-5`, `2^-9 … 2^-6` for several; nothing for what is not quantized. */
function exponentText({ dtype, exponents = [] }: { dtype?: string; exponents?: readonly number[] }): string {
  const [first] = exponents;
  if (first === undefined || dtype?.startsWith("float") || (dtype === "int64" && first === 0)) return "";
  const [low, high] = [Math.min(...exponents), Math.max(...exponents)];
  return low === high ? `2^${low}` : `2^${low} … 2^${high}`;
}

/** Operator counts, most frequent first, each with its share of the most frequent. */
export function histogramRows(histogram: ModelSummary["opHistogram"]) {
  const rows = Object.entries(histogram).map(([op, count]) => ({ op, count }));
  rows.sort((a, b) => b.count - a.count || (a.op < b.op ? -1 : 1));
  const most = rows[0]?.count ?? 1;
  return rows.map((row) => ({ ...row, share: row.count / most }));
}

/** Operators that something cannot be done with, and a node of each to go to. */
export function gapRows(summary: ModelSummary) {
  return summary.support
    .filter((s) => !s.shape || !s.stream || !s.quant)
    .map((s) => ({ ...s, node: summary.nodes.find((n) => n.op === s.op)?.key }));
}
