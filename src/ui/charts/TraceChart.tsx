import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { shortReal } from "../widgets/numbers.ts";
import css from "./charts.module.css";
import type { Point } from "./series.ts";
import { evenTicks } from "./ticks.ts";

export interface TraceChartProps {
  /** Text summary: the chart's accessible name. */
  readonly summary: string;
  readonly points: readonly Point[];
  readonly xUnit: string;
  readonly levelName: string;
  readonly errorName: string;
  /** Top of the error's axis where there is no error at all: what would be allowed. */
  readonly tolerance?: number | undefined;
  /** Where clips begin. */
  readonly starts: readonly { readonly label: string; readonly x: number }[];
}

/** Error over time over the level of the reference; the error on its own logarithm-free right axis. */
export function TraceChart(props: TraceChartProps) {
  const { summary, points, xUnit, levelName, errorName, tolerance, starts } = props;
  const none = tolerance !== undefined && points.every((p) => p.error === 0);
  return (
    <figure className={css.chart} aria-label={summary}>
      <ResponsiveContainer width="100%" height="100%">
        <ComposedChart data={[...points]} margin={{ top: 6, right: 4, bottom: 0, left: 4 }}>
          <CartesianGrid stroke="var(--border)" vertical={false} />
          <XAxis
            dataKey="x"
            type="number"
            domain={[0, "dataMax"]}
            ticks={[...evenTicks(0, points.at(-1)?.x ?? 0, 6)]}
            interval={0}
            unit={` ${xUnit}`}
            tickFormatter={shortReal}
            stroke="var(--text-2)"
            fontSize={11}
            height={22}
          />
          <YAxis yAxisId="level" width={56} tickFormatter={shortReal} stroke="var(--text-2)" fontSize={11} />
          <YAxis
            yAxisId="error"
            orientation="right"
            width={60}
            {...(none ? { domain: [0, tolerance], ticks: [0, tolerance / 2, tolerance] } : {})}
            tickFormatter={shortReal}
            stroke="var(--series-2)"
            fontSize={11}
          />
          {starts.map((start) => (
            <ReferenceLine
              key={start.label}
              yAxisId="level"
              x={start.x}
              stroke="var(--border-strong)"
              strokeDasharray="2 3"
            />
          ))}
          <Area
            yAxisId="level"
            dataKey="level"
            name={levelName}
            stroke="var(--series-muted)"
            fill="var(--series-muted)"
            fillOpacity={0.3}
            isAnimationActive={false}
            dot={false}
          />
          <Line
            yAxisId="error"
            dataKey="error"
            name={errorName}
            stroke="var(--series-2)"
            strokeWidth={1.5}
            isAnimationActive={false}
            dot={false}
          />
          <Tooltip
            isAnimationActive={false}
            formatter={(value) => shortReal(Number(value))}
            labelFormatter={(x) => `${shortReal(Number(x))} ${xUnit}`}
            contentStyle={{ background: "var(--surface)", border: "1px solid var(--border)", fontSize: 12 }}
          />
        </ComposedChart>
      </ResponsiveContainer>
    </figure>
  );
}
