import { useCallback, useMemo, useSyncExternalStore } from "react";
import type { Studio } from "../../state/studio.ts";
import type { GraphMarks, MarksSource } from "../graph/graph-marks.ts";
import { afterPaint } from "./after-paint.ts";
import { graphMarks, type MarkSources } from "./graph-marks.ts";
import { heatMapOf, heatStores } from "./heat/use-heat-map.ts";
import { useStudio } from "./studio-context.ts";
import { subscribeAll } from "./subscribe-all.ts";

const NOTHING: readonly string[] = [];

let last: { readonly sources: MarkSources; readonly marks: GraphMarks } | undefined;

/** Canvas and outline show the same marks: whoever asks second finds them made. */
function sharedMarks(sources: MarkSources): GraphMarks {
  const keys = Object.keys(sources) as (keyof MarkSources)[];
  const before = last?.sources;
  if (!last || !keys.every((key) => Object.is(before?.[key], sources[key])))
    last = { sources, marks: graphMarks(sources) };
  return last.marks;
}

function marksOf(studio: Studio): GraphMarks {
  const { stages, document, view } = studio;
  const { overlay, heatBelowDb, shownCut } = view.getState();
  return sharedMarks({
    summary: stages.open.store.getState().result,
    plan: document.getState().present,
    analysis: stages.analyse.store.getState().result,
    streaming: stages.convert.store.getState().result,
    comparison: stages.compare.store.getState().result,
    heat: heatMapOf(studio),
    ...{ overlay, heatBelowDb, shownCrossing: shownCut?.crossing ?? NOTHING },
  });
}

function onMarksChange(studio: Studio, changed: () => void): () => void {
  const { analyse, convert } = studio.stages;
  return subscribeAll([...heatStores(studio), analyse.store, convert.store], changed);
}

/** What is painted over the graph, for a canvas that follows by itself. */
export function useMarksSource(): MarksSource {
  const studio = useStudio();
  return useMemo(
    () => ({ now: () => marksOf(studio), subscribe: (changed) => onMarksChange(studio, changed) }),
    [studio],
  );
}

/** The same for what is written beside the graph: a frame behind it. */
export function useGraphMarks(): GraphMarks {
  const studio = useStudio();
  const subscribe = useCallback(
    (changed: () => void) => onMarksChange(studio, () => afterPaint(changed)),
    [studio],
  );
  return useSyncExternalStore(subscribe, () => marksOf(studio));
}
