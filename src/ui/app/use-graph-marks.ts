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
  const plan = usePlan();
  const overlay = useView((v) => v.overlay);
  return useMemo(
    () => graphMarks({ summary, plan, analysis, streaming, comparison, overlay }),
    [summary, plan, analysis, streaming, comparison, overlay],
  );
}
