import type { StreamingReport } from "../../../engine/reports.ts";
import { useText } from "../../app/studio-context.ts";
import { Facts, Section } from "../../widgets/Section.tsx";
import { shortCount, stepGrid } from "./rows.ts";
import css from "./SplitsPanel.module.css";

/** Peak load against latency of each way to run the modules, and the first steps as a grid. */
export function ScheduleTable({ report }: { readonly report: StreamingReport }) {
  const { t } = useText();
  const { schedule } = report;
  const grid = stepGrid(schedule, report.modules.length);
  return (
    <Section title={t("schedule.title")}>
      <div className={css.scroll}>
        <table className={css.table} aria-label={t("schedule.title")} data-testid="schedule-table">
          <thead>
            <tr>
              <th scope="col">{t("schedule.scheme")}</th>
              <th scope="col">{t("schedule.peak")}</th>
              <th scope="col">{t("schedule.mean")}</th>
              <th scope="col">{t("schedule.newest")}</th>
              <th scope="col">{t("schedule.oldest")}</th>
            </tr>
          </thead>
          <tbody>
            {schedule.table.map((row) => (
              <tr key={row.scheme} className={row.scheme === schedule.chosen ? css.chosen : undefined}>
                <th scope="row">
                  {t(`schedule.${row.scheme}`)}
                  {row.scheme === schedule.chosen ? ` · ${t("schedule.chosen")}` : ""}
                </th>
                <td>{shortCount(row.peakMacs)}</td>
                <td>{shortCount(row.meanMacs)}</td>
                <td>{row.newestLatencyFrames}</td>
                <td>{row.oldestLatencyFrames}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={css.none}>{t("schedule.units")}</p>
      <div className={css.scroll}>
        <table className={css.grid} aria-label={t("schedule.grid")} data-testid="schedule-grid">
          <thead>
            <tr>
              <th scope="col">{t("schedule.step")}</th>
              {grid.steps.map((s) => (
                <th key={s.step} scope="col">
                  {s.step}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {grid.rows.map((cells, module) => (
              <tr key={report.modules[module]?.name}>
                <th scope="row">{report.modules[module]?.name}</th>
                {cells.map((runs, i) => (
                  <td key={grid.steps[i]?.step} className={runs ? css.runs : undefined}>
                    {runs ? "■" : "·"}
                    {runs && grid.steps[i]?.completes && module === grid.rows.length - 1 ? "→" : ""}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Facts
        facts={[
          [t("schedule.period"), t("schedule.steps", { n: schedule.period })],
          [t("schedule.flush"), t("schedule.steps", { n: report.flushSteps })],
          [t("schedule.warmUp"), t("unit.frames", { n: report.warmUp.wrongFrames })],
        ]}
      />
    </Section>
  );
}
