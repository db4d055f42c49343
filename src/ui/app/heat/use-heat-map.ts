import { useCallback, useSyncExternalStore } from "react";
import type { Studio } from "../../../state/studio.ts";
import { keepLast } from "../keep-last.ts";
import { useStudio } from "../studio-context.ts";
import { type Followed, subscribeAll } from "../subscribe-all.ts";
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
export function heatMapOf({ stages, document, view }: Studio): HeatMap | undefined {
  const { target } = document.getState().present;
  const { overlay } = view.getState();
  const fit = stages.fit.store.getState().result?.find((f) => f.target === target);
  return kept(
    stages.open.store.getState().result,
    stages.compare.store.getState().result,
    stages.examine.store.getState().result,
    fit,
    overlay,
  );
}

/** Whatever a heat map is made of. */
export function heatStores({ stages, document, view }: Studio): readonly Followed[] {
  const { open, compare, examine, fit } = stages;
  return [document, view, open.store, compare.store, examine.store, fit.store];
}

/** The same heat map for a component that shows it. */
export function useHeatMap(): HeatMap | undefined {
  const studio = useStudio();
  const subscribe = useCallback((changed: () => void) => subscribeAll(heatStores(studio), changed), [studio]);
  return useSyncExternalStore(subscribe, () => heatMapOf(studio));
}
