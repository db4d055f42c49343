import type { ExponentStep, ExponentTrace } from "../../../core/quant/esp/joint/choice-trace.ts";
import { select } from "../../../state/view.ts";
import { useStudio, useText, useView } from "../../app/studio-context.ts";
import { type Column, DataTable } from "../../widgets/DataTable.tsx";
import { decibels } from "../../widgets/numbers.ts";
import { shortNames } from "../../widgets/short-name.ts";
import css from "./ResultsPanel.module.css";
import { gainedColumn, indexColumn } from "./step-columns.ts";

type Row = ExponentStep & { readonly index: number };

/** How Rill came to a chip's exponents: where it could have started, and every change that it kept. */
export function ExponentTraceTable({ trace }: { readonly trace: ExponentTrace }) {
  const { view } = useStudio();
  const selection = useView((v) => v.selection);
  const { t, count, list, language } = useText();
  const { seeds, steps, sqnrDb, trials, converged } = trace;
  const rows: readonly Row[] = steps.map((step, i) => ({ ...step, index: i + 1 }));
  const short = shortNames(
    steps.map(({ values: [first = ""] }) => first),
    20,
  );
  const from = Math.max(...seeds.map((s) => s.sqnrDb));
  const signed = (exponent: number) => String(exponent).replace("-", "−");
  const selected = rows.find((r) => r.values.includes(selection?.id ?? ""));
  const columns: readonly Column<Row>[] = [
    indexColumn(),
    {
      id: "values",
      header: t("trace.values"),
      value: (r) => r.values[0] ?? "",
      cell: ({ values: [first = "", ...more] }) => (
        <span title={[first, ...more].join("\n")}>
          <code>{short(first)}</code> {more.length > 0 ? t("trace.more", { n: more.length }) : ""}
        </span>
      ),
    },
    {
      id: "change",
      header: t("trace.change"),
      align: "right",
      value: (r) => r.to - r.from,
      cell: (r) => `${signed(r.from)} → ${signed(r.to)}`,
    },
    gainedColumn({ t }),
  ];
  return (
    <details className={css.moves}>
      <summary>{t("trace.exponents", { from: decibels(from), to: decibels(sqnrDb) })}</summary>
      <p>
        {t("trace.start")}:{" "}
        {list(seeds.map(({ name, sqnrDb: db }) => t("trace.seed", { name, db: decibels(db) })))}
        {language === "en" ? ". " : "。"}
        {t("trace.trials", {
          n: count(trials),
          state: t(converged ? "trace.converged" : "trace.unfinished"),
        })}
        {language === "en" ? "." : "。"}
      </p>
      <DataTable
        label={t("trace.exponents", { from: decibels(from), to: decibels(sqnrDb) })}
        testId="exponent-trace"
        columns={columns}
        rows={rows}
        rowKey={(r) => String(r.index)}
        selectedKey={selected && String(selected.index)}
        onSelect={({ values: [first] }) =>
          first === undefined ? undefined : select(view, { kind: "value", id: first })
        }
      />
    </details>
  );
}
