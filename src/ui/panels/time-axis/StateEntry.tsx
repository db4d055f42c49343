import { useText } from "../../app/studio-context.ts";
import { IconButton } from "../../widgets/Button.tsx";
import { NumberField } from "../../widgets/Field.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { shortName } from "../../widgets/short-name.ts";
import css from "./StatesSection.module.css";
import type { StateRow } from "./state-rows.ts";

export interface StateEntryProps {
  readonly row: StateRow;
  readonly proposed: boolean;
  readonly selected: boolean;
  readonly onSelect: (value: string) => void;
  readonly onInit: (init: number) => void;
  readonly onRemove: () => void;
}

/** One pair of ports: names, shape, why it is taken for a state, what it holds at reset. */
export function StateEntry({ row, proposed, selected, onSelect, onInit, onRemove }: StateEntryProps) {
  const { t, bytes } = useText();
  const why = row.why.map((clue) => t(`states.why.${clue}`)).join(t("graph.separator"));
  return (
    <li
      className={css.entry}
      data-proposed={proposed}
      data-selected={selected}
      data-testid={`state-${row.input}`}
    >
      <button type="button" className={css.name} onClick={() => onSelect(row.input)} title={row.input}>
        <code>
          {t("states.pair", { input: shortName(row.input, 20), output: shortName(row.output, 20) })}
        </code>
      </button>
      <p className={css.shape}>
        <code>{row.shape.map((d) => d ?? "?").join("×")}</code> · {bytes(row.bytes)}
      </p>
      <p className={css.why}>
        {row.confidence === undefined
          ? t("states.byUser")
          : t("states.sure", { percent: `${Math.round(100 * row.confidence)}\u00a0%`, why })}
      </p>
      <div className={css.actions}>
        <NumberField
          label={t("states.init")}
          value={row.init}
          min={Number.NEGATIVE_INFINITY}
          integer={false}
          onChange={onInit}
        />
        <IconButton label={t("states.remove", { input: row.input })} onClick={onRemove}>
          <Icon name="trash" />
        </IconButton>
      </div>
    </li>
  );
}
