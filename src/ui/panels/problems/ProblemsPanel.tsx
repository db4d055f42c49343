import { answersOf } from "../../../state/select/answers.ts";
import { type ProblemRow, problemRows } from "../../../state/select/problems.ts";
import { PlaceButton } from "../../app/PlaceButton.tsx";
import { useAnswers, useStudio, useText } from "../../app/studio-context.ts";
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
  const text = useText();
  return (
    <ul className={css.list} data-testid="problems">
      {rows.map((row) => {
        return (
          <li key={JSON.stringify(row.problem)}>
            <ProblemCard severity={row.severity} code={row.problem.code} {...text.problem(row.problem)}>
              <PlaceButton problem={row.problem} step={row.step} />
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
