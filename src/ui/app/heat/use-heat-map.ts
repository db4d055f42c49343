import { keepLast } from "../keep-last.ts";
import { useResult, useTarget, useView } from "../studio-context.ts";
import { type HeatMap, type HeatSources, heatMap } from "./heat-map.ts";

type Parts = [
  HeatSources["summary"],
  HeatSources["comparison"],
  HeatSources["examined"],
  HeatSources["fit"],
  HeatSources["overlay"],
];

const kept = keepLast((...[summary, comparison, examined, fit, overlay]: Parts) =>
  heatMap({ summary, comparison, examined, fit, overlay }),
);

/** The heat map of the overlay that is chosen: one for all who ask. */
export function useHeatMap(): HeatMap | undefined {
  const summary = useResult("open");
  const comparison = useResult("compare");
  const examined = useResult("examine");
  const fits = useResult("fit");
  const target = useTarget();
  const overlay = useView((v) => v.overlay);
  const fit = fits?.find((f) => f.target === target);
  return kept(summary, comparison, examined, fit, overlay);
}
