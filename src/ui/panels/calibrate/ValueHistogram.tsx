import { useEffect, useMemo } from "react";
import type { CalibrationMethod } from "../../../core/quant/scheme.ts";
import { useStage, useStudio, useText } from "../../app/studio-context.ts";
import { RangeHistogram } from "../../charts/RangeHistogram.tsx";
import { histogramPoints } from "../../charts/series.ts";
import { shortReal } from "../../widgets/numbers.ts";
import { Section } from "../../widgets/Section.tsx";
import { shortName } from "../../widgets/short-name.ts";
import css from "./CalibratePanel.module.css";
import type { StatisticRow } from "./rows.ts";

export interface ValueHistogramProps {
  readonly row: StatisticRow;
  readonly target: string;
  readonly method: CalibrationMethod;
}

/** How one value is distributed, and the range that the method keeps of it. */
export function ValueHistogram({ row, target, method }: ValueHistogramProps) {
  const studio = useStudio();
  const { t, percent } = useText();
  const { statistic } = row;
  // Which value is looked at is the view's matter; its range is the worker's.
  useEffect(
    () => studio.stages.range.feed({ statistic, target, method }),
    [studio, statistic, target, method],
  );
  const { result, stale } = useStage("range");
  const range = stale ? undefined : result;
  const bars = useMemo(() => histogramPoints(statistic), [statistic]);
  const summary = range
    ? t("calibrate.histogramSummary", {
        value: row.value,
        low: shortReal(range.low),
        high: shortReal(range.high),
        clipped: percent(range.clipped),
      })
    : row.value;
  return (
    <Section title={t("calibrate.histogram", { value: shortName(row.value) })}>
      <div className={css.histogram} data-testid="value-histogram">
        <RangeHistogram summary={summary} points={bars} range={range} />
      </div>
      <p className={css.summary}>{summary}</p>
    </Section>
  );
}
