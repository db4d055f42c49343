import css from "./ModelPanel.module.css";

/** Operators as bars with their counts. */
export function Histogram(props: {
  readonly rows: readonly { readonly op: string; readonly count: number; readonly share: number }[];
}) {
  return (
    <ul className={css.bars}>
      {props.rows.map((row) => (
        <li key={row.op} className={css.bar}>
          <span className={css.op}>{row.op}</span>
          <span className={css.track}>
            <span className={css.fill} style={{ width: `${row.share * 100}%` }} />
          </span>
          <span>{row.count}</span>
        </li>
      ))}
    </ul>
  );
}
