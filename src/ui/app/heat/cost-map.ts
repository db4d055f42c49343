import type { ModelSummary } from "../../../engine/reports.ts";
import type { HeatMap } from "./heat-map.ts";

/** The scale runs over this many powers of ten below the most expensive node. */
const DECADES = 3;

/** What a node costs per frame of the model in multiplications, or in bytes of weights: logarithmic, the dearest hottest. */
export function costMap(kind: "macs" | "bytes", { nodes }: ModelSummary): HeatMap | undefined {
  const costs = new Map(
    nodes.flatMap((node) => {
      const cost = kind === "macs" ? node.macs : node.weightBytes;
      return cost > 0 ? [[node.key, cost] as const] : [];
    }),
  );
  if (costs.size === 0) return undefined;
  const high = [...costs.values()].reduce((most, cost) => Math.max(most, cost), 0);
  const heat = (cost: number) => Math.max(0, 1 + Math.log10(cost / high) / DECADES);
  return {
    kind,
    nodes: costs,
    heatBelow: () => new Map([...costs].map(([key, cost]) => [key, heat(cost)])),
    scale: (colors) => {
      const edge = (i: number) => short(high * 10 ** ((-DECADES * i) / colors));
      return Array.from({ length: colors }, (_, i) =>
        i === colors - 1 ? `< ${edge(i)}` : i === 0 ? `≥ ${edge(1)}` : `${edge(i + 1)}–${edge(i)}`,
      );
    },
  };
}

/** 1.2 k, 34 M: three digits at most. */
function short(n: number): string {
  const power = Math.max(0, Math.min(3, Math.floor(Math.log10(Math.max(1, n)) / 3)));
  const digits = n / 1000 ** power;
  const unit = ["", "k", "M", "G"][power] ?? "";
  const text = digits < 10 ? digits.toFixed(1).replace(/\.0$/, "") : digits.toFixed(0);
  return unit === "" ? text : `${text}\u2009${unit}`;
}
