import { useMemo, useState } from "react";
import { decodeNpy } from "../../../core/format/npy/decode-npy.ts";
import { elements } from "../../../core/ir/tensor.ts";
import type { TensorReport } from "../../../engine/inspect-tensor.ts";
import { useText } from "../../app/studio-context.ts";
import { type Column, DataTable } from "../../widgets/DataTable.tsx";
import { shortReal } from "../../widgets/numbers.ts";
import { Note } from "../../widgets/Section.tsx";
import { type ElementRow, elementRows } from "./element-rows.ts";
import css from "./InspectorPanel.module.css";

/** Elements one by one with their index; integers of a quantized file also as the reals that they stand for. */
export function ElementTable({ report }: { readonly report: TensorReport }) {
  const { t, count } = useText();
  const { npy, first, dims, grid } = report;
  const [open, setOpen] = useState(false);
  const stored = grid?.known === "stored" ? grid : undefined;
  const rows = useMemo(() => {
    if (!open) return [];
    // Half floats are bits in the file; the report has the first of them as numbers.
    const values = npy && report.dtype !== "float16" ? elements(decodeNpy(npy, report.name)) : first;
    return elementRows(values, dims, stored);
  }, [open, npy, first, report, dims, stored]);
  if (first.length === 0) return null;
  const total = dims.reduce((n, d) => n * d, 1);
  const number = (
    id: "value" | "real",
    header: string,
    of: (r: ElementRow) => number,
  ): Column<ElementRow> => ({ id, header, align: "right", value: of, cell: (r) => shortReal(of(r)) });
  const columns: readonly Column<ElementRow>[] = [
    { id: "index", header: t("tensor.index"), value: (r) => r.flat, cell: (r) => <code>{r.index}</code> },
    number("value", t(stored ? "tensor.integer" : "tensor.value"), (r) => r.value),
    ...(stored ? [number("real", t("tensor.real"), (r) => r.real ?? 0)] : []),
  ];
  return (
    <details className={css.elements} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("tensor.elements")}</summary>
      <div className={css.elementScroll}>
        <DataTable
          label={t("tensor.elements")}
          testId="element-table"
          columns={columns}
          rows={rows}
          rowKey={(r) => r.index}
        />
      </div>
      {open && rows.length < total ? (
        <Note>{t("tensor.firstRows", { n: count(rows.length), of: count(total) })}</Note>
      ) : null}
    </details>
  );
}
