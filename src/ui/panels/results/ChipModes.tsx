import { useMemo } from "react";
import type { ChipReport } from "../../../engine/esp/examine-chip.ts";
import { select } from "../../../state/view.ts";
import { useStudio, useText } from "../../app/studio-context.ts";
import { decibels } from "../../widgets/numbers.ts";
import { Note, Section } from "../../widgets/Section.tsx";
import { shortNames } from "../../widgets/short-name.ts";
import { ModeTable } from "./ModeTable.tsx";
import { exponentMoves } from "./mode-rows.ts";
import css from "./ResultsPanel.module.css";

/** Float against Rill's choice of exponents and against ESP-PPQ's, output by output, and where the exponents differ. */
export function ChipModes(props: {
  readonly report: ChipReport;
  /** Whether a budget chose widths of single nodes. */
  readonly budgeted: boolean;
}) {
  const { report, budgeted } = props;
  const { t, count, problem } = useText();
  const failed = report.modes.find((m) => m.problem)?.problem;
  return (
    <Section title={t("modes.title")}>
      <Note>{t("modes.intro", { n: count(report.frames) })}</Note>
      {budgeted && !failed ? <Note>{t("modes.budget", { bits: report.bits })}</Note> : null}
      {failed ? <Note>{t("modes.failed", { what: problem(failed).what })}</Note> : null}
      <ModeTable report={report} />
      {failed ? null : <Moves report={report} />}
    </Section>
  );
}

/** Every value for which the two modes chose different exponents. */
function Moves({ report }: { readonly report: ChipReport }) {
  const { view } = useStudio();
  const { t } = useText();
  const moves = useMemo(() => exponentMoves(report), [report]);
  const short = useMemo(
    () =>
      shortNames(
        moves.map((m) => m.value),
        18,
      ),
    [moves],
  );
  const of = report.modes[0]?.values.length ?? 0;
  const signed = (exponent: number) => String(exponent).replace("-", "−");
  return (
    <details className={css.moves}>
      <summary>{t("modes.places", { n: moves.length, of })}</summary>
      <ul data-testid="exponent-moves">
        {moves.map(({ value, rill, other }) => (
          <li key={value} className={css.difference}>
            <button
              type="button"
              className={css.link}
              onClick={() => select(view, { kind: "value", id: value })}
            >
              <code title={value}>{short(value)}</code>
            </button>
            <span>
              {t("modes.place", {
                rill: signed(rill.exponent),
                other: signed(other.exponent),
                rillDb: decibels(rill.own.sqnrDb),
                otherDb: decibels(other.own.sqnrDb),
              })}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
