import type { ModelSummary } from "../../../engine/reports.ts";
import type { Comparison } from "../../../worker/protocol.ts";
import type { HeatMap } from "./heat-map.ts";
import { nodeNumbers } from "./node-numbers.ts";

/** Powers of ten of a difference, as a portion of the value's range, that count as harmless and as worst. */
const COOL = -7;
const HOT = -2;

/** Offline against streaming in float: the largest difference at each node. */
export function divergenceMap(summary: ModelSummary, { parity }: Comparison): HeatMap {
  const differences = new Map([...parity.values, ...parity.outputs].map((v) => [v.value, v.maxRelative]));
  const nodes = nodeNumbers(summary, differences);
  const heat = (difference: number) =>
    difference === 0 ? 0 : Math.max(0, (Math.log10(difference) - COOL) / (HOT - COOL));
  return {
    kind: "divergence",
    nodes,
    heatBelow: () => new Map([...nodes].map(([key, difference]) => [key, heat(difference)])),
    scale: (colors) => {
      const step = (HOT - COOL) / colors;
      const edge = (i: number) => `1e−${Number((-(HOT - step * i)).toFixed(1))}`;
      return Array.from({ length: colors }, (_, i) => {
        if (i === 0) return `≥ ${edge(1)}`;
        return i === colors - 1 ? `< ${edge(i)}` : `${edge(i + 1)}–${edge(i)}`;
      });
    },
  };
}
