import { useMemo } from "react";
import type { CalibrationMethod, Scheme } from "../../../core/quant/scheme.ts";
import { useText } from "../../app/studio-context.ts";
import { RangeHistogram } from "../../charts/RangeHistogram.tsx";
import { histogramPoints } from "../../charts/series.ts";
import { shortReal } from "../../widgets/numbers.ts";
import { Section } from "../../widgets/Section.tsx";
import css from "./CalibratePanel.module.css";
import { chosenRange, type StatisticRow } from "./rows.ts";

export interface ValueHistogramProps {
  readonly row: StatisticRow;
  readonly scheme: Scheme;
  readonly method: CalibrationMethod;
}

/** How one value is distributed, and the range that the method keeps of it. */
export function ValueHistogram({ row, scheme, method }: ValueHistogramProps) {
  const { t, percent } = useText();
  const histogram = useMemo(() => histogramPoints(row.statistic), [row]);
  const range = useMemo(() => chosenRange(row.statistic, scheme, method), [row, scheme, method]);
  const summary = t("calibrate.histogramSummary", {
    value: row.value,
    low: shortReal(range.low),
    high: shortReal(range.high),
    clipped: percent(range.clipped),
  });
  return (
    <Section title={t("calibrate.histogram", { value: row.value })}>
      <div className={css.histogram} data-testid="value-histogram">
        <RangeHistogram summary={summary} bars={histogram.bars} range={range} />
      </div>
      <p className={css.summary}>{summary}</p>
    </Section>
  );
}
