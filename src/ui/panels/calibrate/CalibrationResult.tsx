import { useMemo } from "react";
import { select } from "../../../state/view.ts";
import { useResult, useStudio, useText, useView } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { Facts, Section } from "../../widgets/Section.tsx";
import { shortName } from "../../widgets/short-name.ts";
import { ActivationDistribution } from "../distribution/ActivationDistribution.tsx";
import { statisticRows } from "./rows.ts";
import { StatisticTable } from "./StatisticTable.tsx";

/** What was seen of every value, and the range that the method keeps of one. */
export function CalibrationResult() {
  const studio = useStudio();
  const report = useResult("calibrate");
  const selection = useView((v) => v.selection);
  const { t, count } = useText();
  const rows = useMemo(() => (report ? statisticRows(report.statistics) : []), [report]);
  const shown = rows.find((row) => row.value === selection?.id) ?? rows[0];
  if (!report) return null;
  return (
    <>
      {report.partial ? (
        <p>
          <Badge tone="warn">{t("calibrate.partial", { n: report.clips.length })}</Badge>
        </p>
      ) : null}
      <Facts
        facts={[
          [t("calibrate.clips"), count(report.clips.length)],
          [t("calibrate.frames"), count(report.frames)],
          [t("calibrate.values"), count(rows.length)],
        ]}
      />
      {shown ? (
        <Section title={t("calibrate.histogram", { value: shortName(shown.value) })}>
          <ActivationDistribution value={shown.value} stage="range" />
        </Section>
      ) : null}
      <Section title={t("calibrate.table")}>
        <StatisticTable
          rows={rows}
          selected={shown?.value}
          onSelect={(id) => select(studio.view, { kind: "value", id })}
        />
      </Section>
    </>
  );
}
