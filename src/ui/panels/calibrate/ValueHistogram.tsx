import { useEffect, useMemo } from "react";
import type { CalibrationMethod } from "../../../core/quant/scheme.ts";
import type { ChosenRange } from "../../../worker/protocol.ts";
import { useStage, useStudio, useText } from "../../app/studio-context.ts";
import { RangeHistogram } from "../../charts/RangeHistogram.tsx";
import { histogramPoints } from "../../charts/series.ts";
import type { Text } from "../../i18n/text.ts";
import { shortReal } from "../../widgets/numbers.ts";
import { Section } from "../../widgets/Section.tsx";
import { shortName } from "../../widgets/short-name.ts";
import css from "./CalibratePanel.module.css";
import { placedRange, type StatisticRow } from "./rows.ts";

export interface ValueHistogramProps {
  readonly row: StatisticRow;
  readonly target: string;
  readonly bits: 8 | 16;
  readonly method: CalibrationMethod;
  /** What the chip was given in the last comparison, if that is fresh. */
  readonly placed: { readonly exponent: number; readonly bits: number } | undefined;
}

/** How one value is distributed, and the range that the method keeps of it. */
export function ValueHistogram({ row, target, bits, method, placed }: ValueHistogramProps) {
  const studio = useStudio();
  const text = useText();
  const { t } = text;
  const { statistic } = row;
  // Which value is looked at is the view's matter; its range is the worker's.
  useEffect(
    () => studio.stages.range.feed({ statistic, target, bits, method }),
    [studio, statistic, target, bits, method],
  );
  const { result, stale } = useStage("range");
  const chosen = stale ? undefined : result;
  const range = chosen && placedRange(chosen, placed, statistic);
  const bars = useMemo(() => histogramPoints(statistic), [statistic]);
  const summary = range ? rangeText(row.value, range, text) : row.value;
  const moved =
    range?.exponent !== undefined && chosen?.exponent !== undefined && range.exponent !== chosen.exponent
      ? t("calibrate.exponentMoved", { own: signed(chosen.exponent), exponent: signed(range.exponent) })
      : undefined;
  return (
    <Section title={t("calibrate.histogram", { value: shortName(row.value) })}>
      <div className={css.histogram} data-testid="value-histogram">
        <RangeHistogram summary={summary} points={bars} range={range} />
      </div>
      <p className={css.summary}>{summary}</p>
      {moved === undefined ? null : <p className={css.summary}>{moved}</p>}
    </Section>
  );
}

function rangeText(value: string, range: ChosenRange, { t, percent }: Text): string {
  const { low, high, clipped, exponent } = range;
  const kept = { value, low: shortReal(low), high: shortReal(high), clipped: percent(clipped) };
  if (exponent === undefined) return t("calibrate.histogramSummary", kept);
  return t("calibrate.exponent", {
    ...kept,
    exponent: signed(exponent),
    step: shortReal(2 ** exponent),
  });
}

function signed(exponent: number): string {
  return String(exponent).replace("-", "−");
}
