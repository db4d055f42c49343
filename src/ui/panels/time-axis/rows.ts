import type { AnalysisReport, ValueSummary } from "../../../engine/reports.ts";

/** One axis of one input, as a choice. */
export interface AxisRow {
  readonly axis: number;
  readonly dim: string;
  readonly chosen: boolean;
  /** The model can stream along it as far as the analysis knows. */
  readonly streamable: boolean;
}

export interface InputRow {
  readonly input: string;
  readonly because: AnalysisReport["axes"][number]["because"] | "plan";
  readonly axes: readonly AxisRow[];
}

/** Inputs with their axes; what the plan chose wins over what the analysis proposed. `planAxes`: from a plan file. */
export function inputRows(
  inputs: readonly ValueSummary[],
  report: AnalysisReport,
  axes: Readonly<Record<string, number>>,
  planAxes: Readonly<Record<string, number>> = {},
): readonly InputRow[] {
  return report.axes.map(({ input, because, chosen, streamable }) => {
    const shape = inputs.find((i) => i.name === input)?.shape ?? [];
    const now = axes[input] ?? chosen;
    const chosenByUser = because === "user" || (axes[input] !== undefined && axes[input] !== chosen);
    const given = planAxes[input] !== undefined && planAxes[input] === axes[input];
    return {
      input,
      because: chosenByUser ? (given ? "plan" : "user") : because,
      axes: shape.map((dim, axis) => ({
        axis,
        dim: dim === null ? "?" : String(dim),
        chosen: axis === now,
        streamable: streamable.includes(axis),
      })),
    };
  });
}
