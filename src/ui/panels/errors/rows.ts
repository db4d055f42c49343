import type { ChipReport } from "../../../engine/esp/examine-chip.ts";
import type { ModelSummary } from "../../../engine/reports.ts";

/** One value as the chip computes it, with what is lost at it. */
export interface ErrorRow {
  readonly index: number;
  readonly value: string;
  /** Key of the node of the opened model that makes it. */
  readonly node: string | undefined;
  readonly op: string;
  readonly bits: number;
  readonly exponent: number;
  readonly ownDb: number;
  readonly accumulatedDb: number;
  /** By how much the accumulated SQNR falls below that of the worst value that the node reads; undefined for inputs. */
  readonly lostDb: number | undefined;
  readonly saturated: number;
}

/** One row per value, in running order. */
export function errorRows(report: ChipReport, summary: ModelSummary): readonly ErrorRow[] {
  const makers = new Map(summary.nodes.flatMap((n) => n.outputs.map((o) => [o, n] as const)));
  const values = report.modes[0]?.values ?? [];
  const accumulated = new Map(values.map((v) => [v.value, v.accumulated.sqnrDb]));
  return values.map((v, i) => {
    const node = makers.get(v.value);
    const before = v.reads.flatMap((name) => accumulated.get(name) ?? []);
    const { own, accumulated: sum, value, op, bits, exponent, saturated } = v;
    return {
      index: i + 1,
      node: node?.key,
      lostDb: before.length > 0 ? Math.min(...before) - sum.sqnrDb : undefined,
      ownDb: own.sqnrDb,
      accumulatedDb: sum.sqnrDb,
      ...{ value, op, bits, exponent, saturated },
    };
  });
}
