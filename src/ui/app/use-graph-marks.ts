import { useMemo } from "react";
import type { GraphMarks } from "../graph/graph-marks.ts";
import { graphMarks } from "./graph-marks.ts";
import { usePlan, useStage, useView } from "./studio-context.ts";

/** What is painted over the graph now. */
export function useGraphMarks(): GraphMarks {
  const summary = useStage("open").result;
  const analysis = useStage("analyse").result;
  const streaming = useStage("convert").result;
  const comparison = useStage("compare").result;
  const plan = usePlan();
  const overlay = useView((v) => v.overlay);
  return useMemo(
    () => graphMarks({ summary, plan, analysis, streaming, comparison, overlay }),
    [summary, plan, analysis, streaming, comparison, overlay],
  );
}
