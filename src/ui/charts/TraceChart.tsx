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
import css from "./charts.module.css";
import type { Point } from "./series.ts";

export interface TraceChartProps {
  /** Text summary: the chart's accessible name. */
  readonly summary: string;
  readonly points: readonly Point[];
  readonly xUnit: string;
  readonly levelName: string;
  readonly errorName: string;
  /** Where clips begin. */
  readonly starts: readonly { readonly label: string; readonly x: number }[];
}

/** Error over time over the level of the reference; the error on its own logarithm-free right axis. */
export function TraceChart({ summary, points, xUnit, levelName, errorName, starts }: TraceChartProps) {
  return (
    <figure className={css.chart} aria-label={summary}>
      <ResponsiveContainer width="100%" height="100%">
        <ComposedChart data={[...points]} margin={{ top: 6, right: 4, bottom: 0, left: 4 }}>
          <CartesianGrid stroke="var(--border)" vertical={false} />
          <XAxis
            dataKey="x"
            type="number"
            domain={[0, "dataMax"]}
            unit={` ${xUnit}`}
            tickFormatter={short}
            stroke="var(--text-2)"
            fontSize={11}
            height={22}
          />
          <YAxis yAxisId="level" width={56} tickFormatter={short} stroke="var(--text-2)" fontSize={11} />
          <YAxis
            yAxisId="error"
            orientation="right"
            width={60}
            tickFormatter={short}
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
            formatter={(value) => short(Number(value))}
            labelFormatter={(x) => `${short(Number(x))} ${xUnit}`}
            contentStyle={{ background: "var(--surface)", border: "1px solid var(--border)", fontSize: 12 }}
          />
        </ComposedChart>
      </ResponsiveContainer>
    </figure>
  );
}

function short(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  return size >= 0.001 && size < 10_000 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
}
