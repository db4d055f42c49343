import { answersOf } from "../../state/select/answers.ts";
import { stepStates } from "../../state/select/steps.ts";
import { Note } from "../widgets/Section.tsx";
import { usePlan, useSession, useStage, useStudio, useText } from "./studio-context.ts";

const STEP = { calibrate: "calibrate", compare: "results", package: "export" } as const;

/** Says what a stage still needs; nothing when it can run. */
export function NeedNote({ stage }: { readonly stage: keyof typeof STEP }) {
  const studio = useStudio();
  const plan = usePlan();
  const { ready } = useStage(stage);
  useSession((s) => s.clips);
  const { t } = useText();
  if (ready) return null;
  const { detail } = stepStates(answersOf(studio), plan)[STEP[stage]];
  const needs = NEEDS[detail.text as keyof typeof NEEDS];
  return <Note>{t(needs ?? "needs.streaming")}</Note>;
}

const NEEDS = {
  needsModel: "needs.model",
  needsAxis: "needs.axis",
  needsClips: "needs.clips",
  needsStreaming: "needs.streaming",
  needsCalibration: "needs.calibration",
  stale: "needs.calibration",
} as const;
