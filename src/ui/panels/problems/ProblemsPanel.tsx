import { answersOf } from "../../../state/select/answers.ts";
import { placeOf, problemRows } from "../../../state/select/problems.ts";
import { openStep, select } from "../../../state/view.ts";
import { useAnswers, useStudio, useText } from "../../app/studio-context.ts";
import { Button } from "../../widgets/Button.tsx";
import { ProblemCard } from "../../widgets/ProblemCard.tsx";
import { Note } from "../../widgets/Section.tsx";
import css from "./ProblemsPanel.module.css";

/** Everything that is wrong or worth knowing, with its place. */
export function ProblemsPanel() {
  const studio = useStudio();
  useAnswers();
  const text = useText();
  const rows = problemRows(answersOf(studio));
  if (rows.length === 0) return <Note>{text.t("problems.none")}</Note>;
  return (
    <ul className={css.list} data-testid="problems">
      {rows.map((row) => {
        const place = placeOf(row.problem);
        return (
          <li key={JSON.stringify(row.problem)}>
            <ProblemCard severity={row.severity} code={row.problem.code} {...text.problem(row.problem)}>
              {place ? (
                <Button onClick={() => select(studio.view, place)}>
                  {text.t("action.showPlace", { place: place.id })}
                </Button>
              ) : (
                <Button onClick={() => openStep(studio.view, row.step)}>{text.t(`step.${row.step}`)}</Button>
              )}
            </ProblemCard>
          </li>
        );
      })}
    </ul>
  );
}
