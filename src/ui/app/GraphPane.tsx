import { useEffect, useMemo, useRef } from "react";
import { commandOf } from "../../state/commands/list.ts";
import { toggleSplit } from "../../state/document.ts";
import { select } from "../../state/view.ts";
import { type GraphHandle, GraphView } from "../graph/GraphView.tsx";
import { sceneOf } from "../graph/measured-scene.ts";
import css from "./GraphPane.module.css";
import { graphLabels } from "./graph-labels.ts";
import { graphMarks } from "./graph-marks.ts";
import { FailureCard, StageNotice } from "./StageNotice.tsx";
import { usePlan, useRun, useStage, useStudio, useText, useView } from "./studio-context.ts";
import { useThemeName } from "./theme.ts";

/** The model's picture with the marks of the plan. */
export function GraphPane() {
  const studio = useStudio();
  const run = useRun();
  const plan = usePlan();
  const text = useText();
  const open = useStage("open");
  const analysis = useStage("analyse").result;
  const streaming = useStage("convert").result;
  const comparison = useStage("compare").result;
  const { result: layout, stale, failure } = useStage("layout");
  const selection = useView((v) => v.selection);
  const overlay = useView((v) => v.overlay);
  const theme = useThemeName(useView((v) => v.theme));
  const handle = useRef<GraphHandle>(null);
  const summary = open.result;
  useEffect(() => {
    if (!summary) return;
    const { layoutInput } = sceneOf(summary);
    studio.stages.layout.feed({ input: layoutInput, options: LAYOUT });
  }, [summary, studio]);
  const marks = useMemo(
    () => graphMarks({ summary, plan, analysis, streaming, comparison, overlay }),
    [summary, plan, analysis, streaming, comparison, overlay],
  );
  const labels = useMemo(() => graphLabels(text), [text]);
  useEffect(() => {
    if (selection && !document.activeElement?.closest("[data-graph]")) handle.current?.focus(selection.id);
  }, [selection]);
  if (!summary) {
    return (
      <div className={css.waiting}>
        <StageNotice name="open" />
      </div>
    );
  }
  return (
    <div className={css.pane} data-graph="">
      {failure ? <FailureCard failure={failure} name="layout" /> : null}
      <GraphView
        ref={handle}
        summary={summary}
        layout={stale ? undefined : layout}
        marks={marks}
        selection={selection}
        onSelect={(next) => select(studio.view, next)}
        onToggleCache={(id) => {
          select(studio.view, { kind: "value", id });
          run(commandOf("toggleCache"));
        }}
        onToggleSplit={(value) => toggleSplit(studio.document, value)}
        onInspect={(next) => {
          select(studio.view, next);
          studio.view.setState({ inspectorOpen: true, inspectorTab: next.kind });
        }}
        theme={theme}
        labels={labels}
      />
    </div>
  );
}

/** Columns of about one screen. */
const LAYOUT = { wrapHeight: 1400 };
