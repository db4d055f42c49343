import { useMemo, useState } from "react";
import { setWidth, toggleKeepFloat } from "../../../state/document.ts";
import { isChip } from "../../../state/select/chips.ts";
import { select, selectBesides } from "../../../state/view.ts";
import { usePlanOf, useResult, useStale, useStudio, useText, useView } from "../../app/studio-context.ts";
import { Note } from "../../widgets/Section.tsx";
import css from "./LayersPanel.module.css";
import { LayerTable, type NodeWidths } from "./LayerTable.tsx";
import { filteredRows, layerRows } from "./rows.ts";

/** Every node with its numbers; the same selection as the graph. */
export function LayersPanel() {
  const studio = useStudio();
  const summary = useResult("open");
  const report = useResult("analyse");
  const comparison = useResult("compare");
  const compareStale = useStale("compare");
  const { keepFloat, target, bits = 8, widths = {} } = usePlanOf("keepFloat", "target", "bits", "widths");
  const selection = useView((v) => v.selection);
  const together = useView((v) => v.together);
  const [filter, setFilter] = useState("");
  const { t } = useText();
  const rows = useMemo(
    () => (summary ? layerRows(summary, report, comparison, keepFloat) : []),
    [summary, report, comparison, keepFloat],
  );
  if (!summary) return <Note>{t("needs.model")}</Note>;
  const steps = compareStale ? [] : (comparison?.quantization.choices?.widths?.steps ?? []);
  const budgeted = new Set(steps.flatMap(({ nodes }) => nodes.map(({ node }) => node)));
  const nodeWidths: NodeWidths = {
    bits,
    of: ({ key, name }) => widths[key] ?? widths[name],
    budgeted: ({ key }) => budgeted.has(key),
    choose: (row, width) => setWidth(studio.document, row, width),
  };
  const shown = filteredRows(rows, filter);
  const selected =
    selection?.kind === "node" ? selection.id : rows.find((r) => r.value === selection?.id)?.key;
  return (
    <div className={css.panel}>
      <input
        type="search"
        className={css.filter}
        aria-label={t("layers.filter")}
        placeholder={t("layers.filter")}
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
      />
      <LayerTable
        rows={shown}
        selected={selected}
        alsoSelected={new Set(together.flatMap((s) => (s.kind === "node" ? [s.id] : [])))}
        onSelect={(id, besides) => {
          if (besides) selectBesides(studio.view, { kind: "node", id }, "toggle");
          else select(studio.view, { kind: "node", id });
        }}
        onKeepFloat={
          summary.quantized || isChip(target) ? undefined : (key) => toggleKeepFloat(studio.document, key)
        }
        widths={summary.quantized || !isChip(target) ? undefined : nodeWidths}
      />
    </div>
  );
}
