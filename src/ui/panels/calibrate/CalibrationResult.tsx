import { lazy, Suspense, useMemo } from "react";
import { select } from "../../../state/view.ts";
import { usePlan, useResult, useStage, useStudio, useText, useView } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { Facts, Section } from "../../widgets/Section.tsx";
import { statisticRows } from "./rows.ts";
import { StatisticTable } from "./StatisticTable.tsx";

const ValueHistogram = lazy(() =>
  import("./ValueHistogram.tsx").then((m) => ({ default: m.ValueHistogram })),
);

/** What was seen of every value, and the range that the method keeps of one. */
export function CalibrationResult() {
  const studio = useStudio();
  const plan = usePlan();
  const report = useResult("calibrate");
  const examined = useStage("examine");
  const selection = useView((v) => v.selection);
  const { t, count } = useText();
  const rows = useMemo(() => (report ? statisticRows(report.statistics) : []), [report]);
  const shown = rows.find((row) => row.value === selection?.id) ?? rows[0];
  const placed = examined.stale
    ? undefined
    : examined.result?.modes[0]?.values.find((v) => v.value === shown?.value);
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
        <Suspense fallback={null}>
          <ValueHistogram
            row={shown}
            target={plan.target}
            bits={plan.bits ?? 8}
            method={plan.method}
            placed={placed}
          />
        </Suspense>
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
