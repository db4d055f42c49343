import { millisecondsText } from "../graph/time-label.ts";
import css from "./StatusBar.module.css";
import { streamTotals } from "./stream-totals.ts";
import { usePlan, useResult, useStale, useText } from "./studio-context.ts";

/** Latency and memory of the present streaming model; follows every mark and every undo. */
export function TotalsBar() {
  const plan = usePlan("afterPaint");
  const streaming = useResult("convert");
  const stale = useStale("convert", "afterPaint");
  const { t, bytes } = useText();
  const totals = streamTotals(plan, streaming);
  if (!totals) return null;
  const frames = t("unit.frames", { n: totals.delayFrames });
  const delay =
    totals.delayMs === undefined
      ? frames
      : t("totals.delayOf", { frames, ms: millisecondsText(totals.delayMs) });
  const perModule = totals.modules.map((m) => `${m.name}: ${bytes(m.bytes)}`).join("\n");
  return (
    <dl
      className={css.totals}
      aria-label={t("totals.label")}
      data-testid="totals"
      data-stale={stale}
      title={stale ? t("totals.stale") : undefined}
    >
      <Total name={t("totals.delay")} value={delay} id="delay" />
      <Total name={t("totals.caches")} value={bytes(totals.cacheBytes)} id="caches" />
      <Total name={t("totals.weights")} value={bytes(totals.weightBytes)} id="weights" />
      <Total
        name={t("totals.peak")}
        value={bytes(totals.peakBytes)}
        id="peak"
        hint={`${t("totals.peakHint")}\n${perModule}`}
      />
    </dl>
  );
}

function Total(props: {
  readonly name: string;
  readonly value: string;
  readonly id: string;
  readonly hint?: string;
}) {
  return (
    <div title={props.hint}>
      <dt>{props.name}</dt>
      <dd data-testid={`total-${props.id}`}>{props.value}</dd>
    </div>
  );
}
