import { Area, AreaChart, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { shortReal } from "../widgets/numbers.ts";
import css from "./charts.module.css";
import type { Point } from "./series.ts";
import { evenTicks } from "./ticks.ts";

export interface RangeHistogramProps {
  readonly summary: string;
  /** Outline of the histogram: x is the left edge of a step. */
  readonly points: readonly Point[];
  /** The chosen range, drawn as two lines. */
  readonly range?: { readonly low: number; readonly high: number } | undefined;
}

/** How often which values occur (square-root scale, so that the tails can be seen), with the range that is kept. */
export function RangeHistogram({ summary, points, range }: RangeHistogramProps) {
  const domain = domainOf(points, range);
  return (
    <figure className={css.chart} aria-label={summary}>
      <ResponsiveContainer width="100%" height="100%">
        <AreaChart data={[...points]} margin={{ top: 6, right: 8, bottom: 0, left: 8 }}>
          <XAxis
            dataKey="x"
            type="number"
            domain={domain}
            ticks={[...evenTicks(...domain)]}
            interval={0}
            tickFormatter={shortReal}
            stroke="var(--text-2)"
            fontSize={11}
            height={20}
          />
          <YAxis hide scale="sqrt" />
          <Tooltip
            isAnimationActive={false}
            labelFormatter={(x) => shortReal(Number(x))}
            contentStyle={{ background: "var(--surface)", border: "1px solid var(--border)", fontSize: 12 }}
          />
          <Area
            dataKey="count"
            type="stepAfter"
            stroke="var(--series-1)"
            fill="var(--series-1)"
            fillOpacity={0.75}
            isAnimationActive={false}
            dot={false}
          />
          {range ? <ReferenceLine x={range.low} stroke="var(--series-2)" strokeWidth={1.5} /> : null}
          {range ? <ReferenceLine x={range.high} stroke="var(--series-2)" strokeWidth={1.5} /> : null}
        </AreaChart>
      </ResponsiveContainer>
    </figure>
  );
}

function domainOf(points: readonly Point[], range: RangeHistogramProps["range"]): [number, number] {
  const xs = [...points.map((p) => p.x), ...(range ? [range.low, range.high] : [])];
  return [Math.min(...xs), Math.max(...xs)];
}
