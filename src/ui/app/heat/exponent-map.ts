import type { ChipReport } from "../../../engine/esp/examine-chip.ts";
import type { ModelSummary } from "../../../engine/reports.ts";
import type { HeatMap } from "./heat-map.ts";
import { nodeNumbers } from "./node-numbers.ts";

/** Coarse steps are hot: the largest exponent of the model is worst. */
export function exponentMap(summary: ModelSummary, examined: ChipReport | undefined): HeatMap | undefined {
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
