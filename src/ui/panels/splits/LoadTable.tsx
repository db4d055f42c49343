import type { StreamingReport } from "../../../engine/reports.ts";
import { useText } from "../../app/studio-context.ts";
import { shortReal } from "../../widgets/numbers.ts";
import { Section } from "../../widgets/Section.tsx";
import { loadRows, shortCount } from "./rows.ts";
import css from "./SplitsPanel.module.css";

export interface LoadTableProps {
  readonly report: StreamingReport;
  /** Milliseconds per model-input frame, if they come from audio. */
  readonly frameMs: number | undefined;
}

/** Peak, mean and latency of the whole chunk in one step against the modules as they are scheduled. */
export function LoadTable({ report, frameMs }: LoadTableProps) {
  const { t, bytes, sentences } = useText();
  const { before, after, lookAheadFrames, weightBytes, crossingBytes } = loadRows(report);
  const frames = (n: number) =>
    frameMs === undefined
      ? t("unit.frames", { n })
      : `${t("unit.frames", { n })} · ${shortReal(n * frameMs)}\u00a0ms`;
  const micro = (seconds: number) => `${shortReal(Math.round(seconds * 1e7) / 10)}\u00a0µs`;
  const rows = [
    [t("load.peak"), shortCount(before.peakMacs), shortCount(after.peakMacs)],
    [t("load.mean"), shortCount(before.meanMacs), shortCount(after.meanMacs)],
    [t("load.peakTime"), micro(before.peakSeconds), micro(after.peakSeconds)],
    [t("load.newest"), frames(before.newestLatencyFrames), frames(after.newestLatencyFrames)],
    [t("load.oldest"), frames(before.oldestLatencyFrames), frames(after.oldestLatencyFrames)],
    [t("load.lookAhead"), frames(lookAheadFrames), frames(lookAheadFrames)],
    [t("load.weights"), bytes(weightBytes.total), weightBytes.each.map(bytes).join(" + ")],
    [t("load.crossing"), bytes(0), bytes(crossingBytes)],
  ] as const;
  return (
    <Section title={t("load.title")}>
      <div className={css.scroll}>
        <table className={css.table} aria-label={t("load.title")} data-testid="load-table">
          <thead>
            <tr>
              <th scope="col">{t("load.what")}</th>
              <th scope="col">{t("load.before")}</th>
              <th scope="col">{t("load.after")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([what, one, other]) => (
              <tr key={what}>
                <th scope="row">{what}</th>
                <td>{one}</td>
                <td className={css.wrap}>{other}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={css.none}>
        {sentences([
          t("load.assumed", {
            macs: shortCount(report.schedule.load.macsPerSecond),
            weights: bytes(report.schedule.load.weightBytesPerSecond),
            dispatch: shortReal(report.schedule.load.dispatchSeconds * 1e6),
          }),
          after.peakMacs === before.peakMacs && report.modules.length > 1 ? t("load.noRotation") : "",
        ])}
      </p>
    </Section>
  );
}
