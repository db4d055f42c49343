import { useMemo, useState } from "react";
import { select } from "../../../state/view.ts";
import { graphLabels } from "../../app/graph-labels.ts";
import { useResult, useStudio, useText, useView } from "../../app/studio-context.ts";
import { useGraphMarks } from "../../app/use-graph-marks.ts";
import { Outline } from "../../graph/Outline.tsx";
import { Section } from "../../widgets/Section.tsx";
import css from "./ModelPanel.module.css";

/** The graph as a list with a search field: everything that can be selected, without the canvas. */
export function OutlineList() {
  const studio = useStudio();
  const summary = useResult("open");
  const marks = useGraphMarks();
  const selection = useView((v) => v.selection);
  const text = useText();
  const labels = useMemo(() => graphLabels(text), [text]);
  const [filter, setFilter] = useState("");
  if (!summary) return null;
  return (
    <Section title={text.t("graph.outline")}>
      <input
        type="search"
        className={css.search}
        aria-label={text.t("graph.search")}
        placeholder={text.t("graph.search")}
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
      />
      <div className={css.outline}>
        <Outline
          summary={summary}
          marks={marks}
          selection={selection}
          onSelect={(next) => select(studio.view, next)}
          labels={labels}
          filter={filter}
        />
      </div>
    </Section>
  );
}
