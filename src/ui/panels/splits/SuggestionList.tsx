import type { CutSuggestion } from "../../../core/stream/suggest-cuts.ts";
import { useText } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { Button } from "../../widgets/Button.tsx";
import { Section } from "../../widgets/Section.tsx";
import { shortNames } from "../../widgets/short-name.ts";
import css from "./SplitsPanel.module.css";

export interface SuggestionListProps {
  readonly suggestions: readonly CutSuggestion[];
  readonly shown: string | undefined;
  /** They are of an earlier plan: new ones are under way. */
  readonly stale: boolean;
  readonly onShow: (suggestion: CutSuggestion) => void;
  readonly onAccept: (value: string) => void;
}

/** Places where a cut is cheap; a click shows the cut on the graph, the button makes it. */
export function SuggestionList({ suggestions, shown, stale, onShow, onAccept }: SuggestionListProps) {
  const { t, bytes, percent } = useText();
  if (suggestions.length === 0) return null;
  const short = shortNames(
    suggestions.map((s) => s.value),
    24,
  );
  return (
    <Section title={t("splits.suggestions")}>
      <ul className={css.suggestions} data-testid="suggestions" aria-busy={stale}>
        {suggestions.map((s) => (
          <li key={s.value} className={shown === s.value ? css.shown : undefined}>
            <button
              type="button"
              className={css.name}
              aria-pressed={shown === s.value}
              onClick={() => onShow(s)}
              title={s.value}
            >
              <code>{short(s.value)}</code>
            </button>
            <span className={css.facts}>
              {t("splits.suggestion", {
                n: s.crossing.length,
                bytes: bytes(s.bytes),
                share: percent(s.share),
              })}{" "}
              {s.aligned && s.gateRuns > 0 ? (
                <Badge tone="ok">{t("splits.aligned", { n: s.gateRuns })}</Badge>
              ) : null}
            </span>
            <Button
              look="quiet"
              aria-label={t("splits.mark", { value: s.value })}
              onClick={() => onAccept(s.value)}
            >
              {t("splits.markOne")}
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
