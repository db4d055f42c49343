import type { AnalysisReport, ModelSummary, NodeSummary } from "../../../engine/reports.ts";
import type { Comparison } from "../../../worker/protocol.ts";

export interface LayerRow {
  readonly index: number;
  readonly key: string;
  readonly op: string;
  readonly name: string;
  readonly value: string;
  readonly shape: string;
  readonly macs: number;
  readonly weightBytes: number;
  readonly delay: number | undefined;
  /** Streaming against offline, float. */
  readonly parity: number | undefined;
  /** Int8 against float, accumulated. */
  readonly sqnrDb: number | undefined;
  readonly keptFloat: boolean;
}

/** One row per node, in running order, with everything that is known of its first output. */
export function layerRows(
  summary: ModelSummary,
  report: AnalysisReport | undefined,
  comparison: Comparison | undefined,
  keepFloat: readonly string[],
): readonly LayerRow[] {
  const shapes = new Map([...summary.values, ...summary.outputs].map((v) => [v.name, v.shape]));
  const errors = (list: Comparison["parity"]["values"] = []) => new Map(list.map((e) => [e.value, e]));
  const parity = errors(comparison && [...comparison.parity.values, ...comparison.parity.outputs]);
  const noise = errors(comparison && [...comparison.quantization.values, ...comparison.quantization.outputs]);
  const kept = new Set(keepFloat);
  return summary.nodes.map((node: NodeSummary, index) => {
    const value = node.outputs[0] ?? "";
    const fact = report?.facts.get(value);
    return {
      index: index + 1,
      key: node.key,
      op: node.op,
      name: node.name,
      value,
      shape: (shapes.get(value) ?? []).map((d) => d ?? "?").join("×"),
      macs: node.macs,
      weightBytes: node.weightBytes,
      delay: fact && fact.kind !== "static" ? fact.delay : undefined,
      parity: parity.get(value)?.maxRelative,
      sqnrDb: noise.get(value)?.sqnrDb,
      keptFloat: kept.has(node.key),
    };
  });
}

/** Rows whose operator, name or value contains the text. */
export function filteredRows(rows: readonly LayerRow[], text: string): readonly LayerRow[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return rows;
  return rows.filter((row) => `${row.op}\n${row.name}\n${row.value}`.toLowerCase().includes(wanted));
}
