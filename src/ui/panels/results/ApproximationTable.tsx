import type { ApproximationRecord, MeasuredError } from "../../../core/export/package-input.ts";
import { printApproximation } from "../../../core/plan/approximation-text.ts";
import { explainApproximation } from "../../../explain/explain.ts";
import { useText } from "../../app/studio-context.ts";
import { decibels, shortReal } from "../../widgets/numbers.ts";
import { Note, Section } from "../../widgets/Section.tsx";
import { shortNames } from "../../widgets/short-name.ts";
import css from "./ResultsPanel.module.css";

/** What stands in for nodes that cannot stream exactly, and how far that is from the opened file. */
export function ApproximationTable(props: {
  readonly record: ApproximationRecord;
  readonly onSelect: (value: string) => void;
}) {
  const { record, onSelect } = props;
  const { t, language } = useText();
  const short = shortNames([...record.nodes.map((n) => n.node), ...record.outputs.map((o) => o.value)], 22);
  return (
    <Section title={t("results.approximated")}>
      <Note>{t(`results.approximated.${record.reference}`)}</Note>
      <ul data-testid="approximation-errors">
        {record.nodes.map(({ node, op, approximation, error }) => (
          <li key={node} className={css.difference}>
            <button type="button" className={css.link} onClick={() => onSelect(error?.value ?? node)}>
              <code title={node}>{short(node)}</code>
            </button>
            <span>
              {op}: {explainApproximation(printApproximation(approximation), language)}
              {error ? <Measured error={error} /> : null}
            </span>
          </li>
        ))}
        {record.outputs.map((error) => (
          <li key={`output ${error.value}`} className={css.difference}>
            <button type="button" className={css.link} onClick={() => onSelect(error.value)}>
              <code title={error.value}>{short(error.value)}</code>
            </button>
            <span>
              {t("results.approximated.output")}
              <Measured error={error} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Measured({ error }: { readonly error: MeasuredError }) {
  const { t } = useText();
  return (
    <>
      {" · "}
      {t("results.approximated.error", {
        error: shortReal(error.maxRelative),
        db: decibels(error.sqnrDb),
        frame: error.worstFrame,
        last: shortReal(error.lastRelative),
      })}
    </>
  );
}
