import type { GraphMarks } from "../graph/graph-marks.ts";
import { graphMarks, type MarkSources } from "./graph-marks.ts";
import { useHeatMap } from "./heat/use-heat-map.ts";
import { usePlan, useResult, useView, type When } from "./studio-context.ts";

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

/** What is painted over the graph. */
export function useGraphMarks(when: When): GraphMarks {
  const summary = useResult("open");
  const analysis = useResult("analyse");
  const streaming = useResult("convert");
  const comparison = useResult("compare");
  const heat = useHeatMap();
  const heatBelowDb = useView((v) => v.heatBelowDb);
  const plan = usePlan(when);
  const overlay = useView((v) => v.overlay);
  const shownCut = useView((v) => v.shownCut);
  return sharedMarks({
    ...{ summary, plan, analysis, streaming, comparison, heat },
    ...{ overlay, heatBelowDb, shownCrossing: shownCut?.crossing ?? NOTHING },
  });
}
