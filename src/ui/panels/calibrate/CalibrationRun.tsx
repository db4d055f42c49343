import { useElapsed } from "../../app/StageNotice.tsx";
import { useStage, useStudio, useText } from "../../app/studio-context.ts";
import { Button } from "../../widgets/Button.tsx";
import { Progress } from "../../widgets/Progress.tsx";
import { Facts } from "../../widgets/Section.tsx";
import css from "./CalibrationRun.module.css";

/** Below this, an estimate of the time left says nothing. */
const ETA_AFTER_S = 3;

/** The running calibration: clip i of n, frames, speed, time left, Cancel. */
export function CalibrationRun() {
  const studio = useStudio();
  const { progress, startedAt = 0, cancelling } = useStage("calibrate");
  const elapsed = useElapsed(startedAt);
  const { t, count, duration } = useText();
  const label = t("stage.calibrate");
  return (
    <div className={css.run} data-testid="running-calibrate">
      <Progress
        label={label}
        fraction={progress ? progress.framesDone / Math.max(1, progress.framesTotal) : undefined}
      />
      {progress ? (
        <Facts
          facts={[
            [
              t("calibrate.clip"),
              t("calibrate.clipOf", { i: progress.clip, n: progress.clipCount, file: progress.file }),
            ],
            [t("calibrate.frames"), `${count(progress.framesDone)} / ${count(progress.framesTotal)}`],
            [
              t("calibrate.speed"),
              progress.timesRealTime > 0
                ? t("calibrate.realTime", { x: progress.timesRealTime.toFixed(0) })
                : "–",
            ],
            [
              t("calibrate.elapsed"),
              elapsed >= ETA_AFTER_S
                ? t("calibrate.eta", { elapsed: duration(elapsed), eta: duration(progress.etaSeconds) })
                : duration(elapsed),
            ],
          ]}
        />
      ) : null}
      <Button
        disabled={cancelling}
        data-testid="cancel-calibrate"
        onClick={() => studio.stages.calibrate.cancel()}
      >
        {t(cancelling ? "action.cancelling" : "calibrate.cancel")}
      </Button>
    </div>
  );
}
