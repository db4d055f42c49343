import type { ValueSummary } from "../../../engine/reports.ts";
import css from "./ModelPanel.module.css";
import { typeText } from "./rows.ts";

export function ValueList(props: {
  readonly values: readonly ValueSummary[];
  readonly onSelect: (name: string) => void;
}) {
  return (
    <ul className={css.values}>
      {props.values.map((value) => (
        <li key={value.name}>
          <button type="button" className={css.value} onClick={() => props.onSelect(value.name)}>
            <code>{value.name}</code>
            <span className={css.type}>{typeText(value)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
