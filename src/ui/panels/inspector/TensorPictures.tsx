import css from "./InspectorPanel.module.css";

const WIDTH = 280;
const HEIGHT = 56;

/** How often the values of each step occur, on a square-root scale so that the tails can be seen. */
export function BarStrip({ bars, label }: { readonly bars: readonly number[]; readonly label: string }) {
  const most = Math.sqrt(Math.max(1, ...bars));
  const step = WIDTH / bars.length;
  const path = bars
    .map((n, i) => `M${(i + 0.5) * step} ${HEIGHT}V${HEIGHT - (HEIGHT * Math.sqrt(n)) / most}`)
    .join("");
  return <Strip path={path} width={step * 0.85} label={label} />;
}

/** One line from least to greatest for every channel. */
export function RangeStrip(props: {
  readonly ranges: readonly (readonly [min: number, max: number])[];
  readonly label: string;
}) {
  const finite = props.ranges.map(
    ([a, b]) => [Number.isFinite(a) ? a : 0, Number.isFinite(b) ? b : 0] as const,
  );
  const low = finite.reduce((m, [a]) => Math.min(m, a), 0);
  const high = finite.reduce((m, [, b]) => Math.max(m, b), 0);
  const y = (v: number) => HEIGHT - (HEIGHT * (v - low)) / (high - low || 1);
  const step = WIDTH / finite.length;
  const path = finite.map(([a, b], i) => `M${(i + 0.5) * step} ${y(a) + 0.5}V${y(b) - 0.5}`).join("");
  return <Strip path={path} width={Math.max(0.4, step * 0.7)} label={props.label} />;
}

function Strip(props: { readonly path: string; readonly width: number; readonly label: string }) {
  return (
    <figure className={css.strip}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={props.label}>
        <path d={props.path} stroke="var(--series-1)" strokeWidth={props.width} fill="none" />
      </svg>
      <figcaption>{props.label}</figcaption>
    </figure>
  );
}
