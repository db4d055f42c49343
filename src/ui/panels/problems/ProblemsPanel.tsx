import { answersOf } from "../../../state/select/answers.ts";
import { type ProblemRow, placeOf, problemRows } from "../../../state/select/problems.ts";
import { openStep, select } from "../../../state/view.ts";
import { useAnswers, useStudio, useText } from "../../app/studio-context.ts";
import { Button } from "../../widgets/Button.tsx";
import { ProblemCard } from "../../widgets/ProblemCard.tsx";
import { Note } from "../../widgets/Section.tsx";
import { ApproximatedList } from "./ApproximatedList.tsx";
import css from "./ProblemsPanel.module.css";
import { Remedies } from "./Remedies.tsx";

/** Everything that is wrong or worth knowing, with its place. */
export function ProblemsPanel() {
  const studio = useStudio();
  useAnswers();
  const text = useText();
  const rows = problemRows(answersOf(studio));
  return (
    <>
      <ApproximatedList />
      {rows.length === 0 ? <Note>{text.t("problems.none")}</Note> : <ProblemList rows={rows} />}
    </>
  );
}

function ProblemList({ rows }: { readonly rows: readonly ProblemRow[] }) {
  const studio = useStudio();
  const text = useText();
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
              {row.problem.code === "stream.refused" && row.problem.offers ? (
                <Remedies node={row.problem.node} offers={row.problem.offers} />
              ) : null}
            </ProblemCard>
          </li>
        );
      })}
    </ul>
  );
}
