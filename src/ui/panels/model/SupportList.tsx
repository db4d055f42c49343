import type { ModelSummary } from "../../../engine/reports.ts";
import { useText } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { Section } from "../../widgets/Section.tsx";
import css from "./ModelPanel.module.css";
import { gapRows } from "./rows.ts";

/** Operators without a rule, or one line that says there are none. */
export function SupportList(props: {
  readonly summary: ModelSummary;
  readonly onSelect: (node: string) => void;
}) {
  const { t } = useText();
  const gaps = gapRows(props.summary);
  return (
    <Section title={t("model.support")}>
      {gaps.length === 0 ? (
        <p>
          <Badge tone="ok">{t("model.supportAll")}</Badge>
        </p>
      ) : (
        <ul className={css.values}>
          {gaps.map((gap) => (
            <li key={gap.op}>
              <button
                type="button"
                className={css.value}
                disabled={gap.node === undefined}
                onClick={() => gap.node !== undefined && props.onSelect(gap.node)}
              >
                <span>
                  {gap.op} × {gap.count}
                </span>
                <span className={css.badges}>
                  {gap.shape ? null : <Badge tone="bad">{t("model.noShape")}</Badge>}
                  {gap.stream ? null : <Badge tone="bad">{t("model.noStream")}</Badge>}
                  {gap.quant ? null : <Badge tone="warn">{t("model.noQuant")}</Badge>}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
