import type { CheckVerdict, Divergence, EvidenceName, ProofReport } from "../../../core/proof/proof.ts";
import { explainVerdict } from "../../../explain/explain-proof.ts";
import { PROOF_TEXTS } from "../../../explain/proof-texts.ts";
import { commandOf } from "../../../state/commands/list.ts";
import { type Selection, select } from "../../../state/view.ts";
import { StageNotice } from "../../app/StageNotice.tsx";
import { useRun, useStage, useStudio, useText } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { Button } from "../../widgets/Button.tsx";
import { shortReal } from "../../widgets/numbers.ts";
import { Facts } from "../../widgets/Section.tsx";
import css from "./ProofCard.module.css";
import { checkTone, proofTone } from "./rows.ts";

/** The proof: a button, then a verdict that opens check by check down to the first value that differs. */
export function ProofCard() {
  const run = useRun();
  const stage = useStage("prove");
  const { t, language } = useText();
  const { result } = stage;
  return (
    <article className={css.card} data-tone={result && proofTone(result)} data-testid="verdict-proof">
      <header>
        <h3>{t("results.proof")}</h3>
        {result ? (
          <Badge tone={stage.stale ? "stale" : proofTone(result)}>
            {PROOF_TEXTS[language].verdict[result.verdict]}
          </Badge>
        ) : null}
      </header>
      <p>{result ? sentence(result, t) : t("results.proof.what")}</p>
      {result ? (
        <ul className={css.checks}>
          {result.checks.map((verdict) => (
            <Check key={verdict.check} verdict={verdict} />
          ))}
        </ul>
      ) : null}
      <StageNotice name="prove" />
      {stage.status === "running" ? null : (
        <Button
          disabled={!stage.ready}
          className={css.run}
          data-testid="start-prove"
          onClick={() => run(commandOf("prove"))}
        >
          {t(result ? "results.proof.again" : "command.prove")}
        </Button>
      )}
    </article>
  );
}

function sentence({ checks }: ProofReport, t: ReturnType<typeof useText>["t"]): string {
  const asked = checks.filter((c) => c.status !== "notApplicable");
  const passed = asked.filter((c) => c.status === "passed").length;
  return t("results.proof.sentence", { passed, total: asked.length });
}

/** One check: its status, and behind it the question, the numbers, what failed and where. */
function Check({ verdict }: { readonly verdict: CheckVerdict }) {
  const studio = useStudio();
  const { t, language, count } = useText();
  const { checks, status, evidence } = PROOF_TEXTS[language];
  const { title, what } = checks[verdict.check];
  const told = explainVerdict(verdict, language);
  const place = placeIn(verdict);
  const number = (n: number) => (Number.isInteger(n) ? count(n) : shortReal(n));
  return (
    <li>
      <details
        className={css.check}
        open={verdict.status === "failed"}
        data-testid={`proof-${verdict.check}`}
      >
        <summary>
          <span>{title}</span>
          <Badge tone={checkTone(verdict)}>{status[verdict.status]}</Badge>
        </summary>
        <p>{what}</p>
        {told === "" ? null : <p className={css.told}>{told}</p>}
        <Facts
          facts={Object.entries(verdict.evidence).map(([name, n]) => [
            evidence[name as EvidenceName],
            number(n),
          ])}
        />
        {place ? (
          <Button onClick={() => select(studio.view, place)} data-testid={`proof-place-${verdict.check}`}>
            {t("results.proof.show", { place: place.id })}
          </Button>
        ) : null}
      </details>
    </li>
  );
}

/** Where in the graph a check failed or stopped. */
function placeIn({ first, reason }: CheckVerdict): Selection | undefined {
  if (first) return placeOf(first);
  return reason && "node" in reason ? { kind: "node", id: reason.node } : undefined;
}

function placeOf({ node, value }: Divergence): Selection {
  return node === undefined ? { kind: "value", id: value } : { kind: "node", id: node };
}
