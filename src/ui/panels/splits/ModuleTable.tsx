import type { StreamingReport } from "../../../engine/reports.ts";
import { useText } from "../../app/studio-context.ts";
import { Section } from "../../widgets/Section.tsx";
import { moduleRows, shortCount } from "./rows.ts";
import css from "./SplitsPanel.module.css";

/** What each module costs. */
export function ModuleTable({ report }: { readonly report: StreamingReport }) {
  const { t, bytes } = useText();
  return (
    <Section title={t("splits.modules")}>
      <div className={css.scroll}>
        <table className={css.table} aria-label={t("splits.modules")} data-testid="module-table">
          <thead>
            <tr>
              <th scope="col">{t("splits.module")}</th>
              <th scope="col">{t("model.ops")}</th>
              <th scope="col">MAC</th>
              <th scope="col">{t("splits.weights")}</th>
              <th scope="col">{t("splits.cacheBytes")}</th>
              <th scope="col">{t("splits.runs")}</th>
            </tr>
          </thead>
          <tbody>
            {moduleRows(report).map((row) => (
              <tr key={row.name}>
                <th scope="row">{row.name}</th>
                <td>{row.nodes}</td>
                <td>{shortCount(row.macs)}</td>
                <td>{bytes(row.weightBytes)}</td>
                <td>{bytes(row.cacheBytes)}</td>
                <td>{t("splits.runsAt", { period: row.period, start: row.startStep })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
