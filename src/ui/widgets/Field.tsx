import { type ReactNode, useEffect, useId, useState } from "react";
import css from "./Field.module.css";

interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
}

/** A choice from a list. */
export function SelectField<Id extends string>(
  props: FieldProps & {
    readonly value: Id;
    readonly options: readonly { readonly id: Id; readonly label: string }[];
    readonly onChange: (id: Id) => void;
  },
) {
  const id = useId();
  return (
    <Labelled {...props} id={id}>
      <select
        id={id}
        className={css.input}
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value as Id)}
      >
        {props.options.map((option) => (
          <option key={option.id} value={option.id}>
            {option.label}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

/** A number with a unit. Takes effect on Enter or when left; what is no number in range falls back. */
export function NumberField(
  props: FieldProps & {
    readonly value: number;
    readonly unit?: string;
    readonly min?: number;
    readonly step?: number;
    readonly integer?: boolean;
    readonly onChange: (value: number) => void;
  },
) {
  const id = useId();
  const { value, min = 0, step = 1, integer = true, onChange } = props;
  const [draft, setDraft] = useState(String(value));
  useEffect(() => setDraft(String(value)), [value]);
  const commit = () => {
    const number = Number(draft);
    const good =
      draft.trim() !== "" &&
      Number.isFinite(number) &&
      number >= min &&
      (!integer || Number.isInteger(number));
    if (good && number !== value) onChange(number);
    else setDraft(String(value));
  };
  return (
    <Labelled {...props} id={id}>
      <span className={css.number}>
        <input
          id={id}
          type="number"
          className={css.input}
          value={draft}
          min={min}
          step={step}
          onChange={(event) => setDraft(event.currentTarget.value)}
          onBlur={commit}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.nativeEvent.isComposing) commit();
          }}
        />
        {props.unit === undefined ? null : <span className={css.unit}>{props.unit}</span>}
      </span>
    </Labelled>
  );
}

function Labelled({
  id,
  label,
  hint,
  children,
}: FieldProps & { readonly id: string; readonly children: ReactNode }) {
  return (
    <div className={css.field}>
      <label htmlFor={id}>{label}</label>
      {children}
      {hint === undefined ? null : <small className={css.hint}>{hint}</small>}
    </div>
  );
}

/** A box that is on or off. */
export function CheckField(
  props: FieldProps & { readonly value: boolean; readonly onChange: (on: boolean) => void },
) {
  return (
    <label className={css.check}>
      <input
        type="checkbox"
        checked={props.value}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      {props.label}
    </label>
  );
}
