import { useMemo } from "react";
import { isChip } from "../../../state/select/chips.ts";
import { select } from "../../../state/view.ts";
import { StageNotice } from "../../app/StageNotice.tsx";
import { useResult, useStage, useStudio, useTarget, useText, useView } from "../../app/studio-context.ts";
import { type Column, DataTable } from "../../widgets/DataTable.tsx";
import { decibels } from "../../widgets/numbers.ts";
import { Note } from "../../widgets/Section.tsx";
import { shortNames } from "../../widgets/short-name.ts";
import css from "./ErrorsPanel.module.css";
import { type ErrorRow, errorRows } from "./rows.ts";

/** Where a chip's errors come from: every value's own and accumulated error; the same selection as the graph. */
export function ErrorsPanel() {
  const { view } = useStudio();
  const stage = useStage("examine");
  const summary = useResult("open");
  const target = useTarget();
  const selection = useView((v) => v.selection);
  const { t, count, sentences } = useText();
  const { result } = stage;
  const rows = useMemo(() => (result && summary ? errorRows(result, summary) : []), [result, summary]);
  if (!isChip(target)) return <Note>{t("errors.needsChip")}</Note>;
  const selected = rows.find((r) => (selection?.kind === "node" ? r.node : r.value) === selection?.id);
  return (
    <div className={css.panel} data-stale={stage.stale}>
      {stage.status === "running" || stage.failure || stage.stopped ? <StageNotice name="examine" /> : null}
      {result ? (
        <>
          <p className={css.hint}>
            {sentences([t("errors.hint"), t("errors.measured", { n: count(result.frames) })])}
          </p>
          <ErrorTable
            rows={rows}
            selected={selected?.value}
            onSelect={({ node, value }) =>
              select(view, node === undefined ? { kind: "value", id: value } : { kind: "node", id: node })
            }
          />
        </>
      ) : stage.status === "running" ? null : (
        <p className={css.hint}>{t("errors.needsCompare")}</p>
      )}
    </div>
  );
}

function ErrorTable(props: {
  readonly rows: readonly ErrorRow[];
  readonly selected: string | undefined;
  readonly onSelect: (row: ErrorRow) => void;
}) {
  const { t, percent } = useText();
  const short = useMemo(
    () =>
      shortNames(
        props.rows.map((r) => r.value),
        34,
      ),
    [props.rows],
  );
  const columns: readonly Column<ErrorRow>[] = [
    { id: "index", header: "#", align: "right", value: (r) => -r.index, cell: (r) => r.index, width: "44px" },
    { id: "op", header: t("layers.op"), value: (r) => r.op, cell: (r) => r.op || t("inspector.input") },
    {
      id: "value",
      header: t("layers.value"),
      value: (r) => r.value,
      cell: (r) => <code title={r.value}>{short(r.value)}</code>,
    },
    { id: "bits", header: t("errors.bits"), align: "right", value: (r) => r.bits, cell: (r) => r.bits },
    {
      id: "exponent",
      header: t("errors.exponent"),
      align: "right",
      value: (r) => r.exponent,
      cell: (r) => String(r.exponent).replace("-", "−"),
    },
    decibelColumn("own", t("errors.own"), (r) => r.ownDb),
    decibelColumn("accumulated", t("errors.accumulated"), (r) => r.accumulatedDb),
    decibelColumn("lost", t("errors.lost"), (r) => r.lostDb),
    {
      id: "saturated",
      header: t("errors.saturated"),
      align: "right",
      value: (r) => r.saturated,
      cell: (r) => percent(r.saturated),
    },
  ];
  return (
    <DataTable
      label={t("errors.table")}
      testId="error-table"
      columns={columns}
      rows={props.rows}
      rowKey={(r) => r.value}
      initialSort={{ column: "own", descending: false }}
      selectedKey={props.selected}
      onSelect={props.onSelect}
    />
  );
}

/** Undefined stands last, whichever way the column is sorted first. */
function decibelColumn(
  id: string,
  header: string,
  of: (row: ErrorRow) => number | undefined,
): Column<ErrorRow> {
  const shown = (db: number | undefined): string => (db === undefined ? "–" : decibels(db));
  return { id, header, align: "right", value: (r) => of(r) ?? Number.NaN, cell: (r) => shown(of(r)) };
}
