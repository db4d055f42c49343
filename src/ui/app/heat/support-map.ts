import type { ChipFit } from "../../../engine/esp/fit-chip.ts";
import type { ModelSummary } from "../../../engine/reports.ts";
import type { HeatMap } from "./heat-map.ts";
import { nodeNumbers } from "./node-numbers.ts";

const LEVELS = { 8: 0, 16: 1, float: 2, none: 3 } as const;
const TEXTS = ["int8", "int16", "float", "⊘"];

/** What a chip's runtime does with each node: 8 bits, 16 bits, float between conversions, or nothing. */
export function supportMap(summary: ModelSummary, fit: ChipFit): HeatMap {
  const levels = new Map(fit.nodes.map((n) => [n.node, n.refused ? LEVELS.none : LEVELS[n.width]]));
  const nodes = nodeNumbers(summary, levels);
  const highest = TEXTS.length - 1;
  return {
    kind: "support",
    nodes,
    heatBelow: () => new Map([...nodes].map(([key, level]) => [key, level / highest])),
    scale: (colors) =>
      Array.from({ length: colors }, (_, i) => {
        const last = colors - 1;
        // Colours are told from worst to best; each level takes the one that its heat falls into.
        const level = TEXTS.findIndex(
          (_text, l) => Math.min(last, Math.floor((l / highest) * colors)) === last - i,
        );
        return TEXTS[level] ?? "";
      }),
  };
}
