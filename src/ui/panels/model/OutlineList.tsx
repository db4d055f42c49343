import { type KeyboardEvent, memo, useCallback, useEffect, useId, useMemo, useRef, useState } from "react";
import { type Selection, select, selectBesides } from "../../../state/view.ts";
import { graphLabels } from "../../app/graph-labels.ts";
import { useResult, useStudio, useText, useView } from "../../app/studio-context.ts";
import { useGraphMarks } from "../../app/use-graph-marks.ts";
import { Outline } from "../../graph/Outline.tsx";
import { nextFound, prepareSearch, searchStops } from "../../graph/search.ts";
import { type Stop, stopsOf } from "../../graph/stops.ts";
import type { Text } from "../../i18n/text.ts";
import { Section } from "../../widgets/Section.tsx";
import css from "./ModelPanel.module.css";

/** Rendered again only for another question, mark or selection. */
const Rows = memo(Outline);

function placeOf(stops: readonly Stop[], selection: Selection | undefined): number {
  return stops.findIndex((s) => s.id === selection?.id && (s.kind === "op") === (selection.kind === "node"));
}

/** Which of how many is selected; before the first Enter only how many there are. */
function foundText(found: readonly number[], at: number, { t }: Text): string {
  const n = found.length;
  if (n === 0) return t("graph.foundNothing");
  const i = found.indexOf(at) + 1;
  return i === 0 ? t("graph.foundMany", { n }) : t("graph.found", { i, n });
}

/** The graph as a list with a search field: everything that can be selected, without the canvas. */
export function OutlineList() {
  const studio = useStudio();
  const summary = useResult("open");
  const marks = useGraphMarks();
  const selection = useView((v) => v.selection);
  const together = useView((v) => v.together);
  const text = useText();
  const labels = useMemo(() => graphLabels(text), [text]);
  const [filter, setFilter] = useState("");
  const hintId = useId();
  const field = useRef<HTMLInputElement>(null);
  const wanted = useView((v) => v.searching);
  useEffect(() => {
    if (!wanted || !field.current) return;
    field.current.focus();
    field.current.select();
    studio.view.setState({ searching: false });
  });
  const onSelect = useCallback((next: Selection) => select(studio.view, next), [studio]);
  const onSelectBesides = useCallback(
    (next: Selection, how: "walk" | "toggle") => selectBesides(studio.view, next, how),
    [studio],
  );
  // Asked once for the count and the list.
  const found = useMemo(
    () => (summary && filter.trim() !== "" ? searchStops(summary, marks, filter) : undefined),
    [summary, marks, filter],
  );
  const at = useMemo(() => (summary ? placeOf(stopsOf(summary), selection) : -1), [summary, selection]);
  if (!summary) return null;
  const stops = stopsOf(summary);
  /** Enter walks through what is found, round its ends. */
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.nativeEvent.isComposing || !found) return;
    event.preventDefault();
    const next = stops[nextFound(found, at, event.shiftKey ? -1 : 1) ?? -1];
    if (next) select(studio.view, { kind: next.kind === "op" ? "node" : "value", id: next.id });
  };
  return (
    <Section title={text.t("graph.outline")}>
      <input
        ref={field}
        type="search"
        className={css.search}
        aria-label={text.t("graph.search")}
        aria-describedby={hintId}
        placeholder={text.t("graph.searchHint")}
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
        onFocus={() => setTimeout(() => prepareSearch(summary))}
        onKeyDown={onKeyDown}
      />
      <small id={hintId} className={css.hint}>
        {found ? <output data-testid="search-count">{foundText(found, at, text)}</output> : null}
        {found && found.length > 0 ? null : <code>{text.t("graph.searchForms")}</code>}
      </small>
      <div className={css.outline}>
        <Rows
          summary={summary}
          marks={marks}
          selection={selection}
          together={together}
          onSelect={onSelect}
          onSelectBesides={onSelectBesides}
          labels={labels}
          found={found}
        />
      </div>
    </Section>
  );
}
