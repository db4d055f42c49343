import { useMemo } from "react";
import { integerWidth } from "../../../state/select/chips.ts";
import { select } from "../../../state/view.ts";
import { usePlanOf, useResult, useStale, useStudio, useText, useView } from "../../app/studio-context.ts";
import { LayerBars } from "../../charts/LayerBars.tsx";
import { tracePoints } from "../../charts/series.ts";
import { TraceChart } from "../../charts/TraceChart.tsx";
import { Badge } from "../../widgets/Badge.tsx";
import { decibels, shortReal } from "../../widgets/numbers.ts";
import { Note } from "../../widgets/Section.tsx";
import { shortNames } from "../../widgets/short-name.ts";
import { WhenIdle } from "../../widgets/WhenIdle.tsx";
import { noisiestFew, sqnrBars } from "../results/rows.ts";
import css from "./PlotsPanel.module.css";
import { clipStarts, framesPerSecond, traceRows } from "./rows.ts";
import { WaveStrip } from "./WaveStrip.tsx";

/** Errors over time under the waveform, and per layer. */
export function PlotsPanel() {
  const studio = useStudio();
  const plan = usePlanOf("features");
  const summary = useResult("open");
  const comparison = useResult("compare");
  const stale = useStale("compare");
  const waveform = useResult("waveform");
  const selection = useView((v) => v.selection);
  const { t } = useText();
  const order = useMemo(() => summary?.nodes.flatMap((n) => n.outputs) ?? [], [summary]);
  const bars = useMemo(
    () => (comparison ? sqnrBars(comparison.quantization.values, order) : []),
    [comparison, order],
  );
  if (!comparison) return <Note>{t("needs.results")}</Note>;
  const go = (id: string) => select(studio.view, { kind: "value", id });
  const perSecond = framesPerSecond(plan.features);
  const worst = noisiestFew(comparison.quantization.values);
  const short = shortNames(worst.map((w) => w.value));
  return (
    <div className={css.panel} data-testid="plots">
      {stale ? <Badge tone="stale">{t("state.stale")}</Badge> : null}
      <div className={css.columns}>
        <div className={css.column}>
          <div className={css.head}>
            <h3>{t("plots.time")}</h3>
            <span className={css.key} data-series="level">
              {t("plots.levelKey")}
            </span>
            <span className={css.key} data-series="error">
              {t("plots.errorKey")}
            </span>
          </div>
          {waveform ? <WaveStrip envelope={waveform.envelope} label={t("plots.waveform")} /> : null}
          {traceRows(comparison).map(({ id, kind, trace }) => {
            const peak = trace.error.reduce((m, v) => Math.max(m, v), 0);
            const own = kind === "parity" && comparison.parity.against === "file";
            const title = t(own ? "plots.own" : `plots.${kind}`, {
              value: trace.value,
              bits: integerWidth(comparison.quantization),
            });
            return (
              <div key={id} className={css.trace}>
                <p className={css.title}>
                  {title} · {t("plots.peak", { error: shortReal(peak) })}
                </p>
                <div className={css.chart}>
                  <WhenIdle>
                    <TraceChart
                      summary={`${title}: ${t("plots.peak", { error: shortReal(peak) })}`}
                      points={tracePoints(trace, perSecond ?? 1)}
                      xUnit={perSecond === undefined ? t("plots.frame") : "s"}
                      levelName={t("plots.level")}
                      errorName={t("plots.error")}
                      tolerance={kind === "parity" ? comparison.parity.tolerance : undefined}
                      starts={clipStarts(waveform, perSecond ?? 1)}
                    />
                  </WhenIdle>
                </div>
              </div>
            );
          })}
        </div>
        <div className={css.column}>
          <h3>{t("plots.layers")}</h3>
          <div className={css.bars}>
            <WhenIdle>
              <LayerBars
                summary={t("plots.layersSummary", { n: bars.length })}
                bars={bars}
                unit="dB"
                selected={selection?.id}
                onSelect={go}
              />
            </WhenIdle>
          </div>
          <ol className={css.worst} aria-label={t("plots.worst")} data-testid="worst-values">
            {worst.map(({ value, sqnrDb }) => (
              <li key={value}>
                <button type="button" title={value} onClick={() => go(value)}>
                  <code>{short(value)}</code>
                  <span>{decibels(sqnrDb)}</span>
                </button>
              </li>
            ))}
          </ol>
        </div>
      </div>
    </div>
  );
}
