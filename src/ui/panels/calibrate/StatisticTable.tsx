import { useMemo } from "react";
import { useText } from "../../app/studio-context.ts";
import { type Column, DataTable } from "../../widgets/DataTable.tsx";
import { shortReal } from "../../widgets/numbers.ts";
import { shortNames } from "../../widgets/short-name.ts";
import type { StatisticRow } from "./rows.ts";
import css from "./StatisticTable.module.css";

/** What was seen of every value. */
export function StatisticTable(props: {
  readonly rows: readonly StatisticRow[];
  readonly selected: string | undefined;
  readonly onSelect: (value: string) => void;
}) {
  const { t } = useText();
  const short = useMemo(
    () =>
      shortNames(
        props.rows.map((r) => r.value),
        18,
      ),
    [props.rows],
  );
  const columns: readonly Column<StatisticRow>[] = [
    {
      id: "value",
      header: t("layers.value"),
      value: (r) => r.value,
      cell: (r) => (
        <code className={css.value} title={r.value}>
          {short(r.value)}
        </code>
      ),
    },
    {
      id: "min",
      header: t("calibrate.min"),
      align: "right",
      value: (r) => r.min,
      cell: (r) => shortReal(r.min),
    },
    {
      id: "max",
      header: t("calibrate.max"),
      align: "right",
      value: (r) => r.max,
      cell: (r) => shortReal(r.max),
    },
    { id: "rms", header: "RMS", align: "right", value: (r) => r.rms, cell: (r) => shortReal(r.rms) },
  ];
  return (
    <div className={css.close}>
      <DataTable
        label={t("calibrate.table")}
        testId="statistic-table"
        columns={columns}
        rows={props.rows}
        rowKey={(r) => r.value}
        selectedKey={props.selected}
        onSelect={(r) => props.onSelect(r.value)}
      />
    </div>
  );
}
