import css from "./Progress.module.css";

export interface ProgressProps {
  /** What is going on; the bar's name. */
  readonly label: string;
  /** 0 to 1; undefined while the length is not known. */
  readonly fraction?: number | undefined;
}

export function Progress({ label, fraction }: ProgressProps) {
  const percent = fraction === undefined ? undefined : Math.round(fraction * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      className={css.track}
    >
      <div
        className={percent === undefined ? css.unknown : css.bar}
        style={percent === undefined ? undefined : { width: `${percent}%` }}
      />
    </div>
  );
}
