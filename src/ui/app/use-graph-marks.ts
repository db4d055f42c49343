import { useMemo } from "react";
import type { GraphMarks } from "../graph/graph-marks.ts";
import { graphMarks } from "./graph-marks.ts";
import { usePlan, useResult, useView } from "./studio-context.ts";

/** What is painted over the graph now. */
export function useGraphMarks(): GraphMarks {
  const summary = useResult("open");
  const analysis = useResult("analyse");
  const streaming = useResult("convert");
  const comparison = useResult("compare");
  const examined = useResult("examine");
  const heatBelowDb = useView((v) => v.heatBelowDb);
  const plan = usePlan();
  const overlay = useView((v) => v.overlay);
  const shownCut = useView((v) => v.shownCut);
  return useMemo(() => {
    const shownCrossing = shownCut?.crossing ?? [];
    return graphMarks({
      ...{ summary, plan, analysis, streaming, comparison, examined },
      ...{ overlay, heatBelowDb, shownCrossing },
    });
  }, [summary, plan, analysis, streaming, comparison, examined, overlay, heatBelowDb, shownCut]);
}
