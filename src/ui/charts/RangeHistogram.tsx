import { Bar, BarChart, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import css from "./charts.module.css";
import type { Point } from "./series.ts";

export interface RangeHistogramProps {
  readonly summary: string;
  readonly bars: readonly Point[];
  /** The chosen range, drawn as two lines. */
  readonly range?: { readonly low: number; readonly high: number } | undefined;
}

/** How often which values occur (square-root scale, so that the tails can be seen), with the range that is kept. */
export function RangeHistogram({ summary, bars, range }: RangeHistogramProps) {
  const data = bars.map((bar) => ({ x: bar.x, count: bar.count ?? 0 }));
  return (
    <figure className={css.chart} aria-label={summary}>
      <ResponsiveContainer width="100%" height="100%">
        <BarChart data={data} margin={{ top: 6, right: 8, bottom: 0, left: 8 }} barCategoryGap={0}>
          <XAxis
            dataKey="x"
            type="number"
            domain={domainOf(bars, range)}
            tickFormatter={(x: number) => String(Number(x.toPrecision(2)))}
            stroke="var(--text-2)"
            fontSize={11}
            height={20}
          />
          <YAxis hide scale="sqrt" />
          <Tooltip
            isAnimationActive={false}
            cursor={{ fill: "var(--hover)" }}
            labelFormatter={(x) => String(Number(Number(x).toPrecision(3)))}
            contentStyle={{ background: "var(--surface)", border: "1px solid var(--border)", fontSize: 12 }}
          />
          <Bar dataKey="count" fill="var(--series-1)" isAnimationActive={false} minPointSize={1} />
          {range ? <ReferenceLine x={range.low} stroke="var(--series-2)" strokeWidth={1.5} /> : null}
          {range ? <ReferenceLine x={range.high} stroke="var(--series-2)" strokeWidth={1.5} /> : null}
        </BarChart>
      </ResponsiveContainer>
    </figure>
  );
}

function domainOf(bars: readonly Point[], range: RangeHistogramProps["range"]): [number, number] {
  const xs = [...bars.map((b) => b.x), ...(range ? [range.low, range.high] : [])];
  return [Math.min(...xs), Math.max(...xs)];
}
