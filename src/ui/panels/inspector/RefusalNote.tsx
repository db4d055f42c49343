import { useResult, useText } from "../../app/studio-context.ts";
import { ProblemCard } from "../../widgets/ProblemCard.tsx";

/** Why the node cannot stream, if it cannot. */
export function RefusalNote({ node }: { readonly node: string }) {
  const refusals = useResult("analyse")?.refusals ?? [];
  const text = useText();
  const own = refusals.filter(({ problem }) => "node" in problem && problem.node === node);
  return own.map(({ severity, problem }) => (
    <div key={JSON.stringify(problem)} data-testid="refusal">
      <ProblemCard severity={severity} code={problem.code} {...text.problem(problem)} />
    </div>
  ));
}
