import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from "react";
import type { Layout } from "../../core/layout/layout.ts";
import type { ModelSummary } from "../../engine/reports.ts";
import { toggleSplit } from "../../state/document.ts";
import { closeGroup, groupsOf, openGroup, openSet, revealNode } from "../../state/select/groups.ts";
import { type ModelMatch, matchModels } from "../../state/select/match-models.ts";
import type { LaidOut } from "../../state/stages.ts";
import { toggleCache } from "../../state/toggle-cache.ts";
import { select, selectAll, selectBesides, toggleSelected } from "../../state/view.ts";
import { type GraphHandle, GraphView } from "../graph/GraphView.tsx";
import type { GraphMarks, MarksSource } from "../graph/graph-marks.ts";
import type { GraphScene } from "../graph/graph-scene.ts";
import { sceneOf } from "../graph/measured-scene.ts";
import { Button } from "../widgets/Button.tsx";
import { GraphLegend } from "./GraphLegend.tsx";
import { GraphMenu } from "./GraphMenu.tsx";
import css from "./GraphPane.module.css";
import { graphLabels } from "./graph-labels.ts";
import { HeatLegend } from "./heat/HeatLegend.tsx";
import { keepLast } from "./keep-last.ts";
import { FailureCard, StageNotice } from "./StageNotice.tsx";
import { useResult, useSession, useStage, useStudio, useText, useView } from "./studio-context.ts";
import { useThemeName } from "./theme.ts";
import { useGraphMarks, useMarksSource } from "./use-graph-marks.ts";

// Loaded when first asked for.
const BesidePane = lazy(() => import("./BesidePane.tsx").then((m) => ({ default: m.BesidePane })));
const PictureDialog = lazy(() => import("./PictureDialog.tsx").then((m) => ({ default: m.PictureDialog })));

/** The model's picture with the marks of the plan. */
export function GraphPane() {
  const studio = useStudio();
  const text = useText();
  const open = useStage("open");
  const { result: laidOut, failure } = useStage("layout");
  const selection = useView((v) => v.selection);
  const together = useView((v) => v.together);
  const theme = useThemeName(useView((v) => v.theme));
  const letterKeys = useView((v) => v.letterKeys);
  const [menu, setMenu] = useState<{ readonly x: number; readonly y: number }>();
  const handle = useRef<GraphHandle>(null);
  const summary = open.result;
  const openGroups = useView((v) => v.openGroups);
  const openBodies = useView((v) => v.openBodies);
  const wrapped = useView((v) => v.wrapped);
  const scene = useMemo(
    () =>
      summary &&
      sceneOf(summary, {
        groups: groupsOf(summary),
        open: openSet(summary, { openGroups }),
        bodies: openBodies,
      }),
    [summary, openGroups, openBodies],
  );
  useEffect(() => {
    if (scene)
      studio.stages.layout.feed({ input: scene.layoutInput, options: wrapped ? WRAPPED : ONE_COLUMN });
  }, [scene, wrapped, studio]);
  const shown = useShown(scene, laidOut);
  const match = useModelMatch();
  const liveMarks = useLiveMarks(summary, match);
  // What is said of marks comes a frame behind them.
  useGraphMarks();
  const marks = liveMarks.now();
  const labels = useMemo(() => graphLabels(text), [text]);
  const beside = useSession((s) => s.beside !== undefined);
  const saving = useView((v) => v.dialog === "picture");
  useEffect(() => {
    if (!selection || document.activeElement?.closest("[data-graph]")) return;
    revealNode(studio, selection);
    handle.current?.focus(selection.id);
  }, [selection, studio]);
  if (!shown) {
    return (
      <div className={css.waiting}>
        <StageNotice name="open" />
      </div>
    );
  }
  return (
    <Panes beside={beside}>
      <div className={css.pane} data-graph="">
        {failure ? <FailureCard failure={failure} name="layout" /> : null}
        <GraphView
          ref={handle}
          scene={shown.scene}
          layout={shown.layout}
          marks={liveMarks}
          selection={selection}
          together={together}
          onSelect={(next) => select(studio.view, next)}
          onSelectBesides={(next, how) => selectBesides(studio.view, next, how)}
          onSelectAll={(all) => selectAll(studio.view, all)}
          onToggleSelected={() => toggleSelected(studio.view)}
          onToggleCache={(value) => toggleCache(studio, value)}
          onToggleSplit={(value) => toggleSplit(studio.document, value)}
          onOpenGroup={(id) => openGroup(studio, id)}
          onCloseGroup={(id) => closeGroup(studio, id)}
          onInspect={(next) => {
            select(studio.view, next);
            studio.view.setState({
              inspectorOpen: true,
              inspectorTab: next.kind === "value" ? "value" : "node",
            });
          }}
          onOpenMenu={({ x, y }) => setMenu({ x, y })}
          letterKeys={letterKeys}
          theme={theme}
          labels={labels}
        />
        <GraphLegend marks={marks} />
        <HeatLegend />
        {menu ? <GraphMenu at={menu} onClose={() => setMenu(undefined)} /> : null}
        {saving && shown.layout ? (
          <Suspense>
            <PictureDialog
              scene={shown.scene}
              layout={shown.layout}
              marks={marks}
              reach={handle.current?.reach()}
            />
          </Suspense>
        ) : null}
      </div>
      {beside ? (
        <Suspense>
          <BesidePane match={match} />
        </Suspense>
      ) : null}
    </Panes>
  );
}

/** Two models side by side; where there is no room for both, one of them and a switch. */
function Panes({ beside, children }: { readonly beside: boolean; readonly children: ReactNode }) {
  const { t } = useText();
  const names = [useResult("open")?.name, useResult("beside")?.name];
  const [shown, setShown] = useState(1);
  return (
    <div className={css.room}>
      <div className={css.panes} data-shown={beside ? shown : undefined}>
        {beside ? (
          <fieldset className={css.switch} aria-label={t("beside.switch")} data-testid="beside-switch">
            {names.map((name = "…", i) => (
              <Button
                key={i === 0 ? "open" : "beside"}
                look="quiet"
                aria-pressed={shown === i}
                title={name}
                onClick={() => setShown(i)}
              >
                {name}
              </Button>
            ))}
          </fieldset>
        ) : null}
        {children}
      </div>
    </div>
  );
}

/** How the open model and the one beside it belong together. */
function useModelMatch(): ModelMatch | undefined {
  const open = useResult("open");
  const beside = useResult("beside");
  return useMemo(() => (open && beside ? matchModels(open, beside) : undefined), [open, beside]);
}

/** Marks of the plan and of what the model beside this one lacks. */
function useLiveMarks(summary: ModelSummary | undefined, match: ModelMatch | undefined): MarksSource {
  const source = useMarksSource();
  return useMemo(() => {
    if (!match || !summary) return source;
    const kept = keepLast((marks: GraphMarks) => withoutTwin(marks, summary, match));
    return { ...source, now: () => kept(source.now()) };
  }, [source, match, summary]);
}

function withoutTwin(marks: GraphMarks, { nodes }: ModelSummary, match: ModelMatch): GraphMarks {
  const alone = nodes.filter((n) => !match.nodes.has(n.key)).map((n) => n.key);
  return { ...marks, unmatched: new Set(alone) };
}

/** Columns of about one screen. */
export const WRAPPED = { wrapHeight: "auto" } as const;
export const ONE_COLUMN = { wrapHeight: 0 } as const;

/** What can be drawn now: while boxes of the same model are laid out anew, the picture before. */
export function useShown(
  scene: GraphScene | undefined,
  laidOut: LaidOut | undefined,
): { readonly scene: GraphScene; readonly layout: Layout | undefined } | undefined {
  const last = useRef<{ readonly scene: GraphScene; readonly layout: Layout }>(undefined);
  if (!scene) return undefined;
  if (laidOut?.input === scene.layoutInput) last.current = { scene, layout: laidOut.layout };
  const kept = last.current?.scene.summary === scene.summary ? last.current : undefined;
  return kept ?? { scene, layout: undefined };
}
