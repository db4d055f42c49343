import { useMemo } from "react";
import { select } from "../../../state/view.ts";
import { usePlanOf, useResult, useStudio, useText, useView } from "../../app/studio-context.ts";
import type { Text } from "../../i18n/text.ts";
import { type Column, DataTable } from "../../widgets/DataTable.tsx";
import { Note } from "../../widgets/Section.tsx";
import { shortName, shortNames } from "../../widgets/short-name.ts";
import css from "./CacheTablePanel.module.css";
import { type CacheTableRow, cacheTable, totalBytes } from "./rows.ts";

/** Every cache with its size and the reason why it is there. */
export function CacheTablePanel() {
  const studio = useStudio();
  const summary = useResult("open");
  const streaming = useResult("convert");
  const { states } = usePlanOf("states");
  const selection = useView((v) => v.selection);
  const text = useText();
  const rows = useMemo(
    () =>
      summary && streaming ? cacheTable(summary, streaming, new Set(states?.map((s) => s.input))) : undefined,
    [summary, streaming, states],
  );
  const short = useMemo(() => shortNames(rows?.map((r) => r.value) ?? [], 34), [rows]);
  if (!rows) return <Note>{text.t("needs.axis")}</Note>;
  const selected = selection?.kind === "value" ? rows.find((r) => r.value === selection.id)?.key : undefined;
  return (
    <div className={css.panel}>
      <p className={css.total} data-testid="cache-table-total">
        {text.t("caches.count", { n: rows.length })} · {text.bytes(totalBytes(rows))}
      </p>
      <DataTable
        label={text.t("caches.table")}
        testId="cache-table"
        columns={columnsOf(text, short)}
        rows={rows}
        rowKey={(r) => r.key}
        selectedKey={selected}
        onSelect={(r) => select(studio.view, { kind: "value", id: r.value })}
      />
    </div>
  );
}

function columnsOf(text: Text, short: (name: string) => string): readonly Column<CacheTableRow>[] {
  const { t, bytes } = text;
  return [
    {
      id: "value",
      header: t("caches.column.value"),
      value: (r) => r.value,
      cell: (r) => <code title={r.value}>{short(r.value)}</code>,
    },
    {
      id: "window",
      header: t("caches.column.window"),
      align: "right",
      value: (r) => r.frames,
      cell: (r) => <span title={r.shape.join("×")}>{t("unit.frames", { n: r.frames })}</span>,
    },
    {
      id: "bytes",
      header: t("caches.column.bytes"),
      align: "right",
      value: (r) => r.bytes,
      cell: (r) => bytes(r.bytes),
    },
    {
      id: "axis",
      header: t("caches.column.axis"),
      align: "right",
      value: (r) => r.axis,
      cell: (r) => String(r.axis),
    },
    {
      id: "kind",
      header: t("caches.column.kind"),
      value: (r) => r.kind,
      cell: (r) => `${t(`caches.kind.${r.kind}`)}${r.own ? ` · ${t("caches.own")}` : ""}`,
    },
    {
      id: "why",
      header: t("caches.column.why"),
      value: (r) => r.why.map((w) => w.node).join(),
      cell: (r) => r.why.map((w) => whyText(w, text)).join("; "),
    },
  ];
}

function whyText({ use, node, frames, kernel, dilation }: CacheTableRow["why"][number], { t }: Text): string {
  const why = t(`caches.why.${use}`, { n: frames, node: shortName(node, 30) });
  if (kernel === "") return why;
  const spread = dilation === "" ? "" : t("caches.dilation", { n: dilation });
  return t("caches.why.with", { why, detail: t("caches.kernel", { kernel, dilation: spread }) });
}
