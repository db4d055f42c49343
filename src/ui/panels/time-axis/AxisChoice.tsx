import { useId } from "react";
import { useText } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import type { InputRow } from "./rows.ts";
import css from "./TimeAxisPanel.module.css";

/** The axes of one input as radio buttons, with the reason for the proposal. */
export function AxisChoice(props: { readonly row: InputRow; readonly onChoose: (axis: number) => void }) {
  const { row, onChoose } = props;
  const { t } = useText();
  const group = useId();
  return (
    <fieldset className={css.input} data-testid={`axis-${row.input}`}>
      <legend>
        <code>{row.input}</code>
      </legend>
      {row.axes.map((axis) => (
        <label key={axis.axis} className={css.axis}>
          <input type="radio" name={group} checked={axis.chosen} onChange={() => onChoose(axis.axis)} />
          <span>{t("axis.option", { axis: axis.axis })}</span>
          <code className={css.dim}>{axis.dim}</code>
          {axis.streamable ? <Badge tone="ok">{t("axis.streamable")}</Badge> : null}
        </label>
      ))}
      <p className={css.because}>{t(`axis.because.${row.because}`)}</p>
    </fieldset>
  );
}
