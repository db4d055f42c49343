import { useEffect, useMemo, useRef, useState } from "react";
import { toggleSplit } from "../../state/document.ts";
import { toggleCache } from "../../state/toggle-cache.ts";
import { select } from "../../state/view.ts";
import { type GraphHandle, GraphView } from "../graph/GraphView.tsx";
import { sceneOf } from "../graph/measured-scene.ts";
import { GraphLegend } from "./GraphLegend.tsx";
import { GraphMenu } from "./GraphMenu.tsx";
import css from "./GraphPane.module.css";
import { graphLabels } from "./graph-labels.ts";
import { HeatLegend } from "./HeatLegend.tsx";
import { FailureCard, StageNotice } from "./StageNotice.tsx";
import { useStage, useStudio, useText, useView } from "./studio-context.ts";
import { useThemeName } from "./theme.ts";
import { useGraphMarks } from "./use-graph-marks.ts";

/** The model's picture with the marks of the plan. */
export function GraphPane() {
  const studio = useStudio();
  const text = useText();
  const open = useStage("open");
  const { result: layout, stale, failure } = useStage("layout");
  const selection = useView((v) => v.selection);
  const theme = useThemeName(useView((v) => v.theme));
  const letterKeys = useView((v) => v.letterKeys);
  const [menu, setMenu] = useState<{ readonly x: number; readonly y: number }>();
  const handle = useRef<GraphHandle>(null);
  const summary = open.result;
  useEffect(() => {
    if (!summary) return;
    const { layoutInput } = sceneOf(summary);
    studio.stages.layout.feed({ input: layoutInput, options: LAYOUT });
  }, [summary, studio]);
  const marks = useGraphMarks();
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
        onToggleCache={(value) => toggleCache(studio, value)}
        onToggleSplit={(value) => toggleSplit(studio.document, value)}
        onInspect={(next) => {
          select(studio.view, next);
          studio.view.setState({ inspectorOpen: true, inspectorTab: next.kind });
        }}
        onOpenMenu={({ x, y, selection: on }) => {
          if (on) select(studio.view, on);
          setMenu({ x, y });
        }}
        letterKeys={letterKeys}
        theme={theme}
        labels={labels}
      />
      <GraphLegend marks={marks} />
      <HeatLegend />
      {menu ? <GraphMenu at={menu} onClose={() => setMenu(undefined)} /> : null}
    </div>
  );
}

/** Columns of about one screen. */
const LAYOUT = { wrapHeight: "auto" } as const;
