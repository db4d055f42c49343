import type { BiasStep, BiasTrace } from "../../../core/quant/esp/joint/choice-trace.ts";
import { select } from "../../../state/view.ts";
import { useStudio, useText, useView } from "../../app/studio-context.ts";
import { type Column, DataTable } from "../../widgets/DataTable.tsx";
import { decibels } from "../../widgets/numbers.ts";
import { shortNames } from "../../widgets/short-name.ts";
import css from "./ResultsPanel.module.css";
import { gainedColumn, indexColumn } from "./step-columns.ts";

type Row = BiasStep & { readonly index: number };

/** Which biases took up what rounding shifts on average. */
export function BiasTraceTable({ trace }: { readonly trace: BiasTrace }) {
  const { view } = useStudio();
  const selection = useView((v) => v.selection);
  const { t, count } = useText();
  const { steps, tried, sqnrDb } = trace;
  const rows: readonly Row[] = steps.map((step, i) => ({ ...step, index: i + 1 }));
  const short = shortNames(steps.map((step) => step.value));
  const title = t("trace.biases", {
    n: count(steps.length),
    tried: count(tried),
    from: decibels(steps[0]?.beforeDb ?? sqnrDb),
    to: decibels(sqnrDb),
  });
  const columns: readonly Column<Row>[] = [
    indexColumn(),
    {
      id: "value",
      header: t("trace.biasOf"),
      value: (r) => r.value,
      cell: (r) => <code title={r.value}>{short(r.value)}</code>,
    },
    gainedColumn({ t }),
  ];
  return (
    <details className={css.moves}>
      <summary>{title}</summary>
      <p>{t("trace.biases.hint")}</p>
      <DataTable
        label={title}
        testId="bias-trace"
        columns={columns}
        rows={rows}
        rowKey={(r) => String(r.index)}
        selectedKey={rows.find((r) => r.value === selection?.id)?.index.toString()}
        onSelect={({ value }) => select(view, { kind: "value", id: value })}
      />
    </details>
  );
}
