import type { CutHint } from "../../../core/stream/suggest-cuts.ts";
import type { CutReport } from "../../../engine/reports.ts";
import { useText } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { Button, IconButton } from "../../widgets/Button.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { Section } from "../../widgets/Section.tsx";
import { shortName, shortNames } from "../../widgets/short-name.ts";
import css from "./SplitsPanel.module.css";

export interface CutListProps {
  readonly splits: readonly string[];
  readonly cuts: readonly CutReport[];
  readonly hints: readonly CutHint[];
  readonly onReplace: (mark: string, value: string) => void;
  readonly onSelect: (value: string) => void;
  readonly onRemove: (value: string) => void;
}

/** Marked values, each with every tensor that crosses its cut. */
export function CutList({ splits, cuts, hints, onSelect, onRemove, onReplace }: CutListProps) {
  const { t, bytes } = useText();
  if (splits.length === 0) return <p className={css.none}>{t("splits.none")}</p>;
  const short = shortNames([...splits, ...cuts.flatMap((cut) => cut.crossing.map((c) => c.value))], 22);
  return (
    <Section title={t("splits.cuts")}>
      {splits.map((value) => {
        const hint = hints.find((h) => h.mark === value);
        const crossing = cuts.find((cut) => cut.value === value)?.crossing ?? [];
        return (
          <div key={value} className={css.cut} data-testid={`split-${value}`}>
            <div className={css.head}>
              <button type="button" className={css.name} onClick={() => onSelect(value)} title={value}>
                <code>{short(value)}</code>
              </button>
              <Badge tone="split">{t("splits.crossing", { n: crossing.length })}</Badge>
              <IconButton label={t("splits.unmark", { value })} onClick={() => onRemove(value)}>
                <Icon name="trash" />
              </IconButton>
            </div>
            <table className={css.table} aria-label={t("splits.crossingOf", { value })}>
              <tbody>
                {crossing.map((c) => (
                  <tr key={c.value}>
                    <th scope="row">
                      <button
                        type="button"
                        className={css.name}
                        onClick={() => onSelect(c.value)}
                        title={c.value}
                      >
                        <code>{short(c.value)}</code>
                      </button>
                    </th>
                    <td>
                      {c.shape.join("×")} {c.dtype}
                    </td>
                    <td>{bytes(c.bytes)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            {hint ? <Hint hint={hint} onUse={() => onReplace(value, hint.instead.value)} /> : null}
          </div>
        );
      })}
    </Section>
  );
}

/** "Cut 3 operators earlier: 40 % of the bytes." */
function Hint({ hint, onUse }: { readonly hint: CutHint; readonly onUse: () => void }) {
  const { t, percent } = useText();
  const { instead, nodes, bytes: now } = hint;
  const key = nodes < 0 ? "splits.hintEarlier" : "splits.hintLater";
  return (
    <p className={css.hint} data-testid={`hint-${hint.mark}`}>
      {t(key, {
        n: Math.abs(nodes),
        share: percent(instead.bytes / Math.max(1, now)),
        value: shortName(instead.value, 24),
      })}{" "}
      <Button onClick={onUse}>{t("splits.useHint")}</Button>
    </p>
  );
}
