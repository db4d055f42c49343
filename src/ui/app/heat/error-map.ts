import type { ChipReport } from "../../../engine/esp/examine-chip.ts";
import type { ModelSummary } from "../../../engine/reports.ts";
import type { Comparison } from "../../../worker/protocol.ts";
import type { HeatMap } from "./heat-map.ts";
import { type Numbers, nodeNumbers } from "./node-numbers.ts";

/** SQNR that counts as harmless, and as worst, on the heat scale. */
const COOL_DB = 50;
const HOT_DB = 5;

/** Float against quantized, accumulated up to each node or made by it alone. */
export function errorMap(kind: "sqnr" | "own", summary: ModelSummary, errors: Numbers): HeatMap {
  const nodes = nodeNumbers(summary, errors);
  const heatOf = (db: number) => Math.max(0, (COOL_DB - db) / (COOL_DB - HOT_DB));
  return {
    kind,
    nodes,
    threshold: true,
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

export function accumulatedErrors({ quantization: { values, outputs } }: Comparison): Numbers {
  return new Map([...values, ...outputs].map((v) => [v.value, v.sqnrDb]));
}

export function ownErrors({ modes: [plan] }: ChipReport): Numbers {
  return new Map((plan?.values ?? []).map((v) => [v.value, v.own.sqnrDb]));
}
