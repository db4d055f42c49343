import type { QuantizationReport } from "../../../engine/reports.ts";
import { useText } from "../../app/studio-context.ts";
import { Section } from "../../widgets/Section.tsx";
import css from "./ResultsPanel.module.css";

/** Every integer that differs between streaming and offline, by value, with its cause. */
export function DifferenceList(props: {
  readonly parity: QuantizationReport["integerParity"];
  readonly onSelect: (value: string) => void;
}) {
  const { t, count } = useText();
  if (props.parity.differences.length === 0) return null;
  return (
    <Section title={t("results.differences")}>
      <ul data-testid="integer-differences">
        {props.parity.differences.map((d) => (
          <li key={d.value} className={css.difference}>
            <button type="button" className={css.link} onClick={() => props.onSelect(d.value)}>
              <code>{d.value}</code>
            </button>
            <span>
              {t("results.difference", { n: count(d.count), steps: d.maxSteps })} · {t(`cause.${d.cause}`)}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
