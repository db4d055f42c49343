import { useMemo } from "react";
import { useStore } from "zustand";
import type { Statistic } from "../../../core/quant/statistic.ts";
import type { RangeReport } from "../../../worker/protocol.ts";
import { useResult, useStage, useStale, useStudio, useText, useView } from "../../app/studio-context.ts";
import { useFeed } from "../../app/use-feed.ts";
import { DistributionChart } from "../../charts/DistributionChart.tsx";
import { histogramPoints } from "../../charts/series.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { shortReal } from "../../widgets/numbers.ts";
import { Note } from "../../widgets/Section.tsx";
import { ChoiceTable } from "./ChoiceTable.tsx";
import { CountScale } from "./CountScale.tsx";
import css from "./Distribution.module.css";
import { gridName, noteOfMove } from "./grid-text.ts";
import { RangeFacts } from "./RangeFacts.tsx";
import { usePlaced } from "./use-placed.ts";

export interface ActivationDistributionProps {
  readonly value: string;
  /** Whose question it is: two panels may look at two values. */
  readonly stage: "range" | "activation";
}

/**
 * How a value is distributed after calibration, and what its integers make of it: reach, step, what is clipped and lost. While a new
 * calibration runs, the last one stays.
 */
export function ActivationDistribution({ value, stage }: ActivationDistributionProps) {
  const { t } = useText();
  const report = useResult("calibrate");
  const statistic = report?.statistics.get(value);
  if (!report) return <Note>{t("distribution.none")}</Note>;
  if (!statistic || statistic.count === 0) return <Note>{t("distribution.unseen")}</Note>;
  return <Seen value={value} statistic={statistic} stage={stage} />;
}

function Seen(props: ActivationDistributionProps & { readonly statistic: Statistic }) {
  const { value, statistic, stage } = props;
  const studio = useStudio();
  const text = useText();
  const { t, count, percent } = text;
  const log = useView((v) => v.logCounts);
  const { question, placedStale, inside } = usePlaced(value, statistic);
  useFeed(studio.stages[stage], question);
  const { result, stale } = useStage(stage);
  // An answer to another value says nothing here.
  const fit = stale ? undefined : result;
  const shown = fit?.placed ?? fit?.alone;
  const points = useMemo(() => histogramPoints(statistic), [statistic]);
  const summary = shown
    ? t("distribution.summary", {
        value,
        min: shortReal(statistic.min),
        max: shortReal(statistic.max),
        grid: gridName(shown, text),
        step: shortReal(shown.step),
        low: shortReal(shown.low),
        high: shortReal(shown.high),
        clipped: percent(shown.clipped),
      })
    : value;
  return (
    <div className={css.distribution} data-testid={`distribution-${stage}`} data-value={value}>
      <Staleness placedStale={placedStale && fit?.placed !== undefined} />
      <CountScale />
      <DistributionChart
        summary={summary}
        points={points}
        reach={shown}
        log={log}
        stepText={(from, to, n) => t("distribution.step", { from, to, n: count(n) })}
      />
      <RangeFacts statistic={statistic} shown={shown} />
      {fit ? <Move fit={fit} /> : null}
      {inside ? <Note>{t("distribution.inside")}</Note> : null}
      {fit ? <ChoiceTable report={fit} /> : null}
    </div>
  );
}

/** What is shown may belong to inputs of before. */
function Staleness({ placedStale }: { readonly placedStale: boolean }) {
  const { stages } = useStudio();
  const { t } = useText();
  const stale = useStale("calibrate");
  const runs = useStore(stages.calibrate.store, (s) => s.status === "running");
  const why = runs ? "old" : stale ? "stale" : placedStale ? "staleScale" : undefined;
  if (!why) return null;
  return (
    <p className={css.stale} data-testid="distribution-stale">
      <Badge tone="stale">{t("state.stale")}</Badge> {t(`distribution.${why}`)}
    </p>
  );
}

function Move({ fit }: { readonly fit: RangeReport }) {
  const text = useText();
  const note = noteOfMove(fit, text);
  return note === undefined ? null : <Note>{note}</Note>;
}
