import { useState } from "react";
import { countsOf, printApproximation, readApproximation } from "../../../core/plan/approximation-text.ts";
import { explainApproximation } from "../../../explain/explain.ts";
import { approximateNode } from "../../../state/document.ts";
import { useResult, useStudio, useText } from "../../app/studio-context.ts";
import { Button } from "../../widgets/Button.tsx";
import css from "./ProblemsPanel.module.css";

/** What could stand in for a refused node, each with its numbers and a button. */
export function Remedies(props: { readonly node: string; readonly offers: readonly string[] }) {
  const { t } = useText();
  return (
    <ul className={css.remedies} aria-label={t("remedy.list", { node: props.node })} data-testid="remedies">
      {props.offers.map((word) => (
        <Remedy key={word} node={props.node} word={word} />
      ))}
    </ul>
  );
}

function Remedy({ node, word }: { readonly node: string; readonly word: string }) {
  const studio = useStudio();
  const tried = useResult("analyse")?.tried;
  const { t, language } = useText();
  const offered = readApproximation(word);
  const [drafts, setDrafts] = useState((offered ? countsOf(offered) : []).map(String));
  if (!offered) return null;
  const { kind } = offered;
  const chosen = readApproximation(drafts.length === 0 ? kind : `${kind}:${drafts.join(",")}`);
  return (
    <li className={css.remedy}>
      <Button
        look="primary"
        disabled={!chosen || !tried}
        data-testid={`remedy-${kind}`}
        onClick={() => chosen && tried && approximateNode(studio.document, node, chosen, tried)}
      >
        {t("remedy.use")}
      </Button>
      {drafts.map((draft, i) => (
        <input
          // biome-ignore lint/suspicious/noArrayIndexKey: numbers have no other name, and never move
          key={i}
          type="number"
          min={0}
          className={css.number}
          aria-label={t("remedy.number", { kind })}
          value={draft}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setDrafts((all) => all.map((d, k) => (k === i ? value : d)));
          }}
        />
      ))}
      <span>{explainApproximation(chosen ? printApproximation(chosen) : word, language)}</span>
    </li>
  );
}
