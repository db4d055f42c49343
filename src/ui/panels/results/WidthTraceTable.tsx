import type { ChipCost, WidthStep, WidthTrace } from "../../../core/quant/esp/joint/choice-trace.ts";
import { select } from "../../../state/view.ts";
import { useStudio, useText, useView } from "../../app/studio-context.ts";
import { type Column, DataTable } from "../../widgets/DataTable.tsx";
import { decibels, kibibytes } from "../../widgets/numbers.ts";
import { Note, Section } from "../../widgets/Section.tsx";
import { shortNames } from "../../widgets/short-name.ts";
import css from "./ResultsPanel.module.css";

/** Which nodes a budget made 16 bits wide, what each step gained and cost, and why the search stopped. */
export function WidthTraceTable({ trace }: { readonly trace: WidthTrace }) {
  const { view } = useStudio();
  const selection = useView((v) => v.selection);
  const { t, count, sentences } = useText();
  const { base, steps, sqnrDb, cost, trials, stopped } = trace;
  const columns = useColumns(steps);
  const rows = steps.map((step, i) => ({ ...step, index: i + 1 }));
  const selected = rows.find((row) => row.nodes.some(({ node }) => node === selection?.id));
  const numbers = (db: number, { bytes, cycles }: ChipCost) => ({
    db: decibels(db),
    bytes: kibibytes(bytes),
    cycles: count(cycles),
  });
  return (
    <Section title={t("trace.title")}>
      <Note>{t("trace.base", numbers(base.sqnrDb, base.cost))}</Note>
      {rows.length > 0 ? (
        <div className={css.moves}>
          <DataTable
            label={t("trace.title")}
            testId="width-trace"
            columns={columns}
            rows={rows}
            rowKey={(r) => String(r.index)}
            selectedKey={selected && String(selected.index)}
            onSelect={({ nodes: [first] }) => first && select(view, { kind: "node", id: first.node })}
          />
        </div>
      ) : (
        <Note>{t("trace.nothing")}</Note>
      )}
      <Note>
        {sentences([
          t("trace.end", { ...numbers(sqnrDb, cost), trials: count(trials) }),
          t(`trace.stopped.${stopped}`),
        ])}
      </Note>
    </Section>
  );
}

type Row = WidthStep & { readonly index: number };

function useColumns(steps: readonly WidthStep[]): readonly Column<Row>[] {
  const { t, count } = useText();
  const short = shortNames(
    steps.map(({ nodes: [first] }) => first?.node ?? ""),
    20,
  );
  const right = (
    id: string,
    header: string,
    value: (r: Row) => number,
    cell: (r: Row) => string,
  ): Column<Row> => ({ id, header, align: "right", value, cell });
  return [
    {
      ...right(
        "index",
        "#",
        (r) => -r.index,
        (r) => String(r.index),
      ),
      width: "28px",
    },
    {
      id: "operators",
      header: t("trace.operators"),
      value: (r) => r.about,
      cell: ({ nodes: [first, ...more], why, about }) => (
        <span title={`${t(`trace.why.${why}`)}: ${about}`}>
          {first?.op} {more.length > 0 ? t("trace.more", { n: more.length }) : ""}
          <code className={css.under}>{short(first?.node ?? "")}</code>
        </span>
      ),
    },
    {
      ...right("gained", t("trace.gained"), gained, (r) => `+${decibels(gained(r))}`),
      cell: (r) => (
        <span title={`${t("trace.sqnr")}: ${decibels(r.afterDb)}`}>
          {signedText(gained(r), decibels)}
          <span className={css.under}>{decibels(r.afterDb)}</span>
        </span>
      ),
    },
    {
      ...right("bytes", t("trace.costs"), moreBytes, (r) => signedText(moreBytes(r), kibibytes)),
      cell: (r) => (
        <>
          {signedText(moreBytes(r), kibibytes)}
          <span className={css.under}>{t("trace.cycles", { n: signedText(moreCycles(r), count) })}</span>
        </>
      ),
    },
  ];
}

const gained = (r: WidthStep): number => r.afterDb - r.beforeDb;
const moreBytes = (r: WidthStep): number => r.after.bytes - r.before.bytes;
const moreCycles = (r: WidthStep): number => r.after.cycles - r.before.cycles;

/** `+1.2 dB`, `−0.30 KiB`: a step may also save something. */
function signedText(x: number, text: (size: number) => string): string {
  return `${x < 0 ? "−" : "+"}${text(Math.abs(x))}`;
}
