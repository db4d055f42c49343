import type { GraphMarks } from "../graph/graph-marks.ts";
import css from "./GraphLegend.module.css";
import { useText } from "./studio-context.ts";

/** What signs and patterns on the graph mean, where any are shown. */
export function GraphLegend({ marks }: { readonly marks: GraphMarks }) {
  const { t } = useText();
  const items: readonly (readonly [sign: string, look: string, text: string])[] = [
    ...(marks.times
      ? ([
          ["t2", "time", t("legend.axis")],
          ["×½", "plain", t("legend.rate")],
          ["◷3", "late", t("legend.delay")],
          ["1/step", "perStep", t("fact.perStep")],
        ] as const)
      : []),
    ...(marks.approximate.size > 0 ? ([["≈", "approximate", t("legend.approximate")]] as const) : []),
    ...(marks.refused.size > 0 ? ([["⊘", "refused", t("legend.refused")]] as const) : []),
  ];
  if (items.length === 0) return null;
  return (
    <ul className={css.legend} aria-label={t("legend.title")} data-testid="graph-legend">
      {items.map(([sign, look, text]) => (
        <li key={look}>
          <span className={css.sign} data-look={look} aria-hidden="true">
            {sign}
          </span>
          {text}
        </li>
      ))}
    </ul>
  );
}
