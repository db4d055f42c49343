import { CALIBRATION_METHODS } from "../../../core/quant/scheme.ts";
import { commandOf } from "../../../state/commands/list.ts";
import { setMethod } from "../../../state/document.ts";
import { NeedNote } from "../../app/NeedNote.tsx";
import { StageNotice } from "../../app/StageNotice.tsx";
import { usePlanOf, useRun, useStage, useStudio, useText } from "../../app/studio-context.ts";
import { Button } from "../../widgets/Button.tsx";
import { SelectField } from "../../widgets/Field.tsx";
import { Note } from "../../widgets/Section.tsx";
import { CalibrationResult } from "./CalibrationResult.tsx";
import { CalibrationRun } from "./CalibrationRun.tsx";
import { TargetPicker } from "./TargetPicker.tsx";

/** Runs the clips through the streaming graph and chooses ranges from what was seen. */
export function CalibratePanel() {
  const studio = useStudio();
  const plan = usePlanOf("method");
  const { t } = useText();
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
      <TargetPicker />
      <RunOrStart />
      <CalibrationResult />
    </>
  );
}

/** Its own component, so that progress renders nothing else. */
function RunOrStart() {
  const run = useRun();
  const stage = useStage("calibrate");
  const { t } = useText();
  if (stage.status === "running") return <CalibrationRun />;
  const goesOn = stage.result?.partial === true && !stage.stale;
  const label = goesOn ? "calibrate.goOn" : stage.result ? "calibrate.again" : "command.calibrate";
  return (
    <>
      <NeedNote stage="calibrate" />
      <Button
        look={stage.result && !stage.stale ? "normal" : "primary"}
        disabled={!stage.ready}
        data-testid="start-calibrate"
        onClick={() => run(commandOf("calibrate"))}
      >
        {t(label)}
      </Button>
      <StageNotice name="calibrate" />
    </>
  );
}
