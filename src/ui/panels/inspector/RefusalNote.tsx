import { useResult, useText } from "../../app/studio-context.ts";
import { ProblemCard } from "../../widgets/ProblemCard.tsx";
import { Remedies } from "../problems/Remedies.tsx";

/** Why the node cannot stream, if it cannot, and what could stand in for it. */
export function RefusalNote({ node }: { readonly node: string }) {
  const refusals = useResult("analyse")?.refusals ?? [];
  const text = useText();
  const own = refusals.filter(({ problem }) => "node" in problem && problem.node === node);
  return own.map(({ severity, problem }) => (
    <div key={JSON.stringify(problem)} data-testid="refusal">
      <ProblemCard severity={severity} code={problem.code} {...text.problem(problem)}>
        {problem.code === "stream.refused" && problem.offers ? (
          <Remedies node={problem.node} offers={problem.offers} />
        ) : null}
      </ProblemCard>
    </div>
  ));
}
