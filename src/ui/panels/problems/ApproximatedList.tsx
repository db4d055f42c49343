import { printApproximation } from "../../../core/plan/approximation-text.ts";
import { explainApproximation } from "../../../explain/explain.ts";
import { removeApproximation } from "../../../state/document.ts";
import { select } from "../../../state/view.ts";
import { usePlanOf, useStudio, useText } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { Button } from "../../widgets/Button.tsx";
import { shortNames } from "../../widgets/short-name.ts";
import css from "./ProblemsPanel.module.css";

/** Nodes that something stands in for by the user's choice. They stay listed: the model is approximate. */
export function ApproximatedList() {
  const studio = useStudio();
  const plan = usePlanOf("approximations");
  const { t, language } = useText();
  const chosen = Object.entries(plan.approximations);
  if (chosen.length === 0) return null;
  const short = shortNames(
    chosen.map(([node]) => node),
    24,
  );
  return (
    <section aria-label={t("approximated.title")} data-testid="approximated">
      <h3>{t("approximated.title")}</h3>
      <ul className={css.remedies}>
        {chosen.map(([node, approximation]) => (
          <li key={node} className={css.remedy} data-testid={`approximated-${node}`}>
            <Badge tone="warn">{t("exact.approximate")}</Badge>
            <Button look="quiet" onClick={() => select(studio.view, { kind: "node", id: node })}>
              <code title={node}>{short(node)}</code>
            </Button>
            <span>{explainApproximation(printApproximation(approximation), language)}</span>
            <Button onClick={() => removeApproximation(studio.document, node)}>
              {t("approximated.remove")}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
