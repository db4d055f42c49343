import type { RangeChoice, RangeReport } from "../../../worker/protocol.ts";
import { useText } from "../../app/studio-context.ts";
import { type Column, DataTable } from "../../widgets/DataTable.tsx";
import { decibels, shortReal } from "../../widgets/numbers.ts";
import css from "./Distribution.module.css";
import { signed } from "./grid-text.ts";

/** What other exponents, or other methods, would make of this value: what one weighs when one chooses. */
export function ChoiceTable({ report }: { readonly report: RangeReport }) {
  const { t, list, percent } = useText();
  const { placed, alone, choices } = report;
  const own = placed ?? alone;
  const onChip = own.exponent !== undefined;
  const isOwn = (r: RangeChoice): boolean => r.step === own.step && r.zeroPoint === own.zeroPoint;
  const chosenBy = (r: RangeChoice): string =>
    list([
      ...(placed && isOwn(r) ? [t("distribution.here")] : []),
      ...r.methods.map((m) => t(`distribution.by.${m}`)),
    ]);
  const scale = onChip
    ? column(
        "exponent",
        t("distribution.exponent"),
        (r) => r.exponent ?? 0,
        (r) => signed(r.exponent ?? 0),
      )
    : column(
        "scale",
        t("tensor.scales"),
        (r) => r.step,
        (r) => shortReal(r.step),
      );
  const columns: readonly Column<RangeChoice>[] = [
    { ...scale, align: "left", cell: (r) => (isOwn(r) ? <strong>{scale.cell(r)}</strong> : scale.cell(r)) },
    column(
      "clipped",
      t("distribution.clipped"),
      (r) => r.clipped,
      (r) => percent(r.clipped),
    ),
    column(
      "sqnr",
      "SQNR",
      (r) => r.sqnrDb,
      (r) => decibels(r.sqnrDb),
    ),
    {
      id: "methods",
      header: t("distribution.chosenBy"),
      cell: (r) => <span>{chosenBy(r)}</span>,
    },
  ];
  return (
    <details className={css.choices} open>
      <summary>{t(onChip ? "distribution.choices" : "distribution.methods")}</summary>
      <DataTable
        label={t(onChip ? "distribution.choices" : "distribution.methods")}
        testId="range-choices"
        columns={columns}
        rows={choices}
        rowKey={(r) => `${r.step} ${r.methods.join(" ")}`}
      />
      <p className={css.hint}>{t("distribution.expected")}</p>
    </details>
  );
}

function column(
  id: string,
  header: string,
  value: (r: RangeChoice) => number,
  cell: (r: RangeChoice) => string,
): Column<RangeChoice> {
  return { id, header, align: "right", value, cell };
}
