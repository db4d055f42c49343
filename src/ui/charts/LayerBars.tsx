import { Bar, BarChart, CartesianGrid, Cell, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { shortReal } from "../widgets/numbers.ts";
import css from "./charts.module.css";

export interface LayerBar {
  readonly id: string;
  readonly label: string;
  readonly value: number;
  /** The value as it is said. */
  readonly text: string;
}

export interface LayerBarsProps {
  readonly summary: string;
  readonly bars: readonly LayerBar[];
  readonly unit: string;
  readonly selected: string | undefined;
  readonly onSelect: (id: string) => void;
}

/** One bar per layer, in the order of the graph. A click anywhere above a layer selects it. */
export function LayerBars({ summary, bars, unit, selected, onSelect }: LayerBarsProps) {
  return (
    <figure className={css.chart} aria-label={summary}>
      <ResponsiveContainer width="100%" height="100%">
        <BarChart
          data={[...bars]}
          margin={{ top: 6, right: 4, bottom: 0, left: 4 }}
          barCategoryGap={1}
          style={{ cursor: "pointer" }}
          onClick={({ activeTooltipIndex }) => {
            const bar = bars[Number(activeTooltipIndex ?? Number.NaN)];
            if (bar) onSelect(bar.id);
          }}
        >
          <CartesianGrid stroke="var(--border)" vertical={false} />
          <XAxis dataKey="label" hide />
          <YAxis
            width={56}
            unit={` ${unit}`}
            stroke="var(--text-2)"
            fontSize={11}
            tickFormatter={shortReal}
          />
          <Tooltip
            isAnimationActive={false}
            cursor={{ fill: "var(--hover)" }}
            formatter={(_value, _name, item) => (item.payload as LayerBar).text}
            contentStyle={{ background: "var(--surface)", border: "1px solid var(--border)", fontSize: 12 }}
          />
          <Bar dataKey="value" name="SQNR" maxBarSize={28} isAnimationActive={false}>
            {bars.map((bar) => (
              <Cell key={bar.id} fill={bar.id === selected ? "var(--series-2)" : "var(--series-1)"} />
            ))}
          </Bar>
        </BarChart>
      </ResponsiveContainer>
    </figure>
  );
}
