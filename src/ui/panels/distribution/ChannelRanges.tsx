import type { WeightChannel } from "../../../engine/weight-grid.ts";
import { useText } from "../../app/studio-context.ts";
import css from "./Distribution.module.css";

const WIDTH = 280;
const HEIGHT = 72;

/** From least to greatest of every channel, before what its integers reach. */
export function ChannelRanges({ channels }: { readonly channels: readonly WeightChannel[] }) {
  const { t } = useText();
  // A reach far beyond every range would leave nothing to see of them.
  const most = 2 * channels.reduce((m, c) => Math.max(m, -c.min, c.max), 0);
  const top =
    Math.min(
      most,
      channels.reduce((m, c) => Math.max(m, c.high, c.max), 0),
    ) || 1;
  const bottom = Math.max(
    -most,
    channels.reduce((m, c) => Math.min(m, c.low, c.min), 0),
  );
  const y = (v: number) => ((top - Math.min(top, Math.max(bottom, v))) / (top - bottom)) * HEIGHT;
  const step = WIDTH / channels.length;
  const path = (low: (c: WeightChannel) => number, high: (c: WeightChannel) => number) =>
    channels
      .map((c, i) => `M${((i + 0.5) * step).toFixed(2)} ${y(low(c)).toFixed(2)}V${y(high(c)).toFixed(2)}`)
      .join("");
  const label = t("tensor.channels", { n: channels.length });
  return (
    <figure className={css.strip}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
        <path
          d={path(
            (c) => c.low,
            (c) => c.high,
          )}
          className={css.reachBars}
          strokeWidth={step}
        />
        <path
          d={path(
            (c) => c.min,
            (c) => c.max,
          )}
          className={css.rangeBars}
          strokeWidth={Math.max(0.5, step * 0.6)}
        />
      </svg>
      <figcaption>
        <span className={css.rangeKey} /> {label} <span className={css.reachKey} /> {t("distribution.reach")}
      </figcaption>
    </figure>
  );
}
