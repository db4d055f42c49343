import type { Problem } from "../../core/base/problem.ts";
import { placeOf, showPlace } from "../../state/select/places.ts";
import { openStep, type StepId } from "../../state/view.ts";
import { Button } from "../widgets/Button.tsx";
import { useResult, useSession, useStudio, useText } from "./studio-context.ts";

/** Leads to what a problem is about; without a place of its own, to the step, if one is given. */
export function PlaceButton({ problem, step }: { readonly problem: Problem; readonly step?: StepId }) {
  const studio = useStudio();
  const { t } = useText();
  const summary = useResult("open");
  const clips = useSession((s) => s.clips);
  const place = placeOf(problem, { summary, clips });
  if (place) {
    return (
      <Button onClick={() => showPlace(studio, place)} data-testid="place">
        {t("action.showPlace", { place: place.name })}
      </Button>
    );
  }
  if (step === undefined) return null;
  return (
    <Button onClick={() => openStep(studio.view, step)} data-testid="place">
      {t(`step.${step}`)}
    </Button>
  );
}
