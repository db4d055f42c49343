import { lazy, Suspense, useMemo } from "react";
import { CALIBRATION_METHODS } from "../../../core/quant/scheme.ts";
import { targets } from "../../../core/targets/catalogue.ts";
import { commandOf } from "../../../state/commands/list.ts";
import { setMethod, setTarget } from "../../../state/document.ts";
import { select } from "../../../state/view.ts";
import { NeedNote } from "../../app/NeedNote.tsx";
import { StageNotice } from "../../app/StageNotice.tsx";
import { usePlan, useRun, useStage, useStudio, useText, useView } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { Button } from "../../widgets/Button.tsx";
import { SelectField } from "../../widgets/Field.tsx";
import { Facts, Note, Section } from "../../widgets/Section.tsx";
import { CalibrationRun } from "./CalibrationRun.tsx";
import { statisticRows } from "./rows.ts";
import { StatisticTable } from "./StatisticTable.tsx";

const ValueHistogram = lazy(() =>
  import("./ValueHistogram.tsx").then((m) => ({ default: m.ValueHistogram })),
);

/** Runs the clips through the streaming graph and chooses ranges from what was seen. */
export function CalibratePanel() {
  const studio = useStudio();
  const run = useRun();
  const plan = usePlan();
  const stage = useStage("calibrate");
  const selection = useView((v) => v.selection);
  const { t, count } = useText();
  const report = stage.result;
  const rows = useMemo(() => (report ? statisticRows(report.statistics) : []), [report]);
  const shown = rows.find((row) => row.value === selection?.id) ?? rows[0];
  return (
    <>
      <Note>{t("calibrate.intro")}</Note>
      <SelectField
        label={t("calibrate.method")}
        hint={t(`calibrate.method.${plan.method}.hint`)}
        value={plan.method}
        options={CALIBRATION_METHODS.map((id) => ({ id, label: t(`calibrate.method.${id}`) }))}
        onChange={(method) => setMethod(studio.document, method)}
      />
      <SelectField
        label={t("calibrate.target")}
        value={plan.target}
        options={targets.map(({ id, label }) => ({ id, label }))}
        onChange={(target) => setTarget(studio.document, target)}
      />
      {stage.status === "running" ? (
        <CalibrationRun />
      ) : (
        <>
          <NeedNote stage="calibrate" />
          <Button
            look={report && !stage.stale ? "normal" : "primary"}
            disabled={!stage.ready}
            data-testid="start-calibrate"
            onClick={() => run(commandOf("calibrate"))}
          >
            {t(report ? "calibrate.again" : "command.calibrate")}
          </Button>
          <StageNotice name="calibrate" />
        </>
      )}
      {report ? (
        <>
          {report.partial ? (
            <Badge tone="warn">{t("calibrate.partial", { n: report.clips.length })}</Badge>
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
              <ValueHistogram row={shown} target={plan.target} method={plan.method} />
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
      ) : null}
    </>
  );
}
