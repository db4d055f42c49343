import { useMemo } from "react";
import { useText } from "../../app/studio-context.ts";
import { type Column, DataTable } from "../../widgets/DataTable.tsx";
import { decibels, shortReal } from "../../widgets/numbers.ts";
import { shortNames } from "../../widgets/short-name.ts";
import type { LayerRow } from "./rows.ts";

export interface NodeWidths {
  /** Of the whole model. */
  readonly bits: 8 | 16;
  of(row: LayerRow): 8 | 16 | undefined;
  /** Whether a budget made the node 16 bits wide in the last comparison. */
  budgeted(row: LayerRow): boolean;
  choose(row: LayerRow, bits: 8 | 16 | undefined): void;
}

export interface LayerTableProps {
  readonly rows: readonly LayerRow[];
  readonly selected: string | undefined;
  /** Selected together with it. */
  readonly alsoSelected: ReadonlySet<string>;
  readonly onSelect: (key: string, besides: boolean) => void;
  /** Absent where nothing can stay in float. */
  readonly onKeepFloat: ((key: string) => void) | undefined;
  /** Absent where nodes have no width of their own. */
  readonly widths: NodeWidths | undefined;
}

export function LayerTable(props: LayerTableProps) {
  const { rows, selected, alsoSelected, onSelect, onKeepFloat, widths } = props;
  const { t, count, bytes } = useText();
  const short = useMemo(
    () =>
      shortNames(
        rows.map((r) => r.value),
        34,
      ),
    [rows],
  );
  const floatColumn = (toggle: (key: string) => void): Column<LayerRow> => ({
    id: "float",
    header: t("layers.keepFloat"),
    cell: (r) => (
      <input
        type="checkbox"
        aria-label={t("layers.keepFloatOf", { value: r.value })}
        checked={r.keptFloat}
        onClick={(event) => event.stopPropagation()}
        onChange={() => toggle(r.key)}
      />
    ),
  });
  const widthColumn = ({ bits, of, budgeted, choose }: NodeWidths): Column<LayerRow> => ({
    id: "width",
    header: t("width.column"),
    value: (r) => of(r) ?? (budgeted(r) ? 16 : bits),
    cell: (r) => (
      <select
        aria-label={t("width.of", { value: r.value })}
        value={of(r) ?? "model"}
        onClick={(event) => event.stopPropagation()}
        onChange={({ currentTarget: { value } }) =>
          choose(r, value === "model" ? undefined : value === "16" ? 16 : 8)
        }
      >
        <option value="model">{budgeted(r) ? t("width.budgeted") : t("width.asModel", { bits })}</option>
        <option value="8">8</option>
        <option value="16">16</option>
      </select>
    ),
  });
  const columns: readonly Column<LayerRow>[] = [
    { id: "index", header: "#", align: "right", value: (r) => -r.index, cell: (r) => r.index, width: "44px" },
    { id: "op", header: t("layers.op"), value: (r) => r.op, cell: (r) => r.op },
    {
      id: "value",
      header: t("layers.value"),
      value: (r) => r.value,
      cell: (r) => <code title={r.value}>{short(r.value)}</code>,
    },
    { id: "shape", header: t("layers.shape"), cell: (r) => r.shape },
    { id: "macs", header: "MAC", align: "right", value: (r) => r.macs, cell: (r) => count(r.macs) },
    {
      id: "weights",
      header: t("layers.weights"),
      align: "right",
      value: (r) => r.weightBytes,
      cell: (r) => (r.weightBytes ? bytes(r.weightBytes) : "–"),
    },
    {
      id: "delay",
      header: t("layers.delay"),
      align: "right",
      value: (r) => r.delay ?? -1,
      cell: (r) => r.delay ?? "–",
    },
    {
      id: "parity",
      header: t("layers.parity"),
      align: "right",
      value: (r) => r.parity ?? -1,
      cell: (r) => (r.parity === undefined ? "–" : shortReal(r.parity)),
    },
    {
      id: "sqnr",
      header: "SQNR",
      align: "right",
      value: (r) => r.sqnrDb ?? Number.NaN,
      cell: (r) => (r.sqnrDb === undefined ? "–" : decibels(r.sqnrDb)),
    },
    ...(onKeepFloat ? [floatColumn(onKeepFloat)] : []),
    ...(widths ? [widthColumn(widths)] : []),
  ];
  return (
    <DataTable
      label={t("layers.table")}
      testId="layer-table"
      columns={columns}
      rows={rows}
      rowKey={(r) => r.key}
      selectedKey={selected}
      alsoSelected={alsoSelected}
      onSelect={(r, besides) => onSelect(r.key, besides)}
    />
  );
}
