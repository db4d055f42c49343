import { useEffect, useMemo, useRef, useState } from "react";
import type { ModelSummary } from "../../engine/reports.ts";
import { commandOf } from "../../state/commands/list.ts";
import { groupsOf, openSet } from "../../state/select/groups.ts";
import type { ModelMatch } from "../../state/select/match-models.ts";
import { select } from "../../state/view.ts";
import { type GraphHandle, GraphView } from "../graph/GraphView.tsx";
import { fixedMarks, type GraphSelection, NO_MARKS } from "../graph/graph-marks.ts";
import { sceneOf } from "../graph/measured-scene.ts";
import { shapeText } from "../graph/node-text.ts";
import { IconButton } from "../widgets/Button.tsx";
import { Icon } from "../widgets/Icon.tsx";
import css from "./BesidePane.module.css";
import { ONE_COLUMN, useShown, WRAPPED } from "./GraphPane.tsx";
import { graphLabels } from "./graph-labels.ts";
import { StageNotice } from "./StageNotice.tsx";
import { useResult, useRun, useStage, useStudio, useText, useView } from "./studio-context.ts";
import { useThemeName } from "./theme.ts";

const doNothing = () => {};

/** Another model beside the open one, to look at: what is selected in one is shown in both, what only one has is marked. */
export function BesidePane({ match }: { readonly match: ModelMatch | undefined }) {
  const studio = useStudio();
  const run = useRun();
  const text = useText();
  const summary = useResult("beside");
  const { result: laidOut } = useStage("layoutBeside");
  const selection = useView((v) => v.selection);
  const wrapped = useView((v) => v.wrapped);
  const theme = useThemeName(useView((v) => v.theme));
  const handle = useRef<GraphHandle>(null);
  const scene = useMemo(
    () =>
      summary &&
      sceneOf(summary, { groups: groupsOf(summary), open: openSet(summary, { openGroups: "all" }) }),
    [summary],
  );
  useEffect(() => {
    if (scene)
      studio.stages.layoutBeside.feed({ input: scene.layoutInput, options: wrapped ? WRAPPED : ONE_COLUMN });
  }, [scene, wrapped, studio]);
  const shown = useShown(scene, laidOut);
  const labels = useMemo(() => graphLabels(text), [text]);
  const marks = useMemo(() => {
    if (!match || !summary) return fixedMarks(NO_MARKS);
    const known = new Set(match.nodes.values());
    const unmatched = new Set(summary.nodes.flatMap((n) => (known.has(n.key) ? [] : [n.key])));
    return fixedMarks({ ...NO_MARKS, unmatched });
  }, [match, summary]);
  // What the open model lacks can be selected here all the same.
  const [own, setOwn] = useState<GraphSelection>();
  const here = (match && selection && twinOf(match, selection)) ?? (selection ? undefined : own);
  useEffect(() => {
    if (here && !document.activeElement?.closest("[data-beside]")) handle.current?.focus(here.id);
  }, [here]);
  const same = match?.nodes.size ?? 0;
  const facts = text.t("beside.facts", {
    same: text.count(same),
    only: text.count((summary?.nodes.length ?? 0) - same),
  });
  return (
    <section className={css.beside} data-beside="" data-testid="beside" aria-label={text.t("beside.label")}>
      <header className={css.head}>
        <strong title={summary?.name}>{summary?.name ?? ""}</strong>
        {summary && match ? (
          <span className={css.facts} title={facts}>
            {facts}
          </span>
        ) : null}
        <IconButton label={text.t("command.closeBeside")} onClick={() => run(commandOf("closeBeside"))}>
          <Icon name="close" size={12} />
        </IconButton>
      </header>
      <StageNotice name="beside" />
      {shown ? (
        <GraphView
          ref={handle}
          scene={shown.scene}
          layout={shown.layout}
          marks={marks}
          selection={here}
          onSelect={(next) => {
            setOwn(next);
            select(studio.view, next && match && originOf(match, next));
          }}
          onToggleCache={doNothing}
          onToggleSplit={doNothing}
          onOpenGroup={doNothing}
          onCloseGroup={doNothing}
          theme={theme}
          labels={labels}
        />
      ) : null}
      {summary && here ? <SelectedFacts summary={summary} selection={here} /> : null}
    </section>
  );
}

/** One line about what is selected here: the inspector is the open model's. */
function SelectedFacts({
  summary,
  selection,
}: {
  readonly summary: ModelSummary;
  readonly selection: GraphSelection;
}) {
  const node = selection.kind === "node" ? summary.nodes.find((n) => n.key === selection.id) : undefined;
  const value = selection.kind === "value" ? summary.values.find((v) => v.name === selection.id) : undefined;
  const attributes = Object.entries(node?.attributes ?? {}).map(([name, text]) => `${name} ${text}`);
  return (
    <p className={css.selected} data-testid="beside-selected" data-id={selection.id}>
      <strong>{node?.op ?? selection.id}</strong> {node?.name ?? shapeText(value?.shape)}{" "}
      {attributes.join(" · ")}
    </p>
  );
}

function twinOf({ nodes, values }: ModelMatch, { kind, id }: GraphSelection): GraphSelection | undefined {
  const twin = kind === "node" ? nodes.get(id) : kind === "value" ? values.get(id) : undefined;
  return twin === undefined ? undefined : { kind, id: twin };
}

function originOf({ nodes, values }: ModelMatch, { kind, id }: GraphSelection): GraphSelection | undefined {
  const pairs = kind === "node" ? nodes : kind === "value" ? values : new Map<string, string>();
  for (const [origin, twin] of pairs) if (twin === id) return { kind, id: origin };
  return undefined;
}
