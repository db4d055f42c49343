import { useState } from "react";
import type { Balance } from "../../../core/stream/balance.ts";
import { useText } from "../../app/studio-context.ts";
import { Button } from "../../widgets/Button.tsx";
import { Note, Section } from "../../widgets/Section.tsx";
import css from "./SplitsPanel.module.css";

export interface BalancePickerProps {
  /** The best split into each number of modules that can be reached. */
  readonly balances: readonly Balance[];
  readonly now: number;
  /** The balances are of an earlier plan: new ones are under way, and nothing is done by the old ones. */
  readonly stale: boolean;
  readonly onBalance: (balance: Balance) => void;
}

/** A number of modules, what an even split into them would weigh, and the button that makes it. */
export function BalancePicker({ balances, now, stale, onBalance }: BalancePickerProps) {
  const { t, percent, bytes } = useText();
  const [wanted, setWanted] = useState(Math.max(2, now));
  const many = balances.filter((b) => b.modules > 1);
  const least = Math.min(...many.map((b) => b.modules));
  const most = Math.max(...many.map((b) => b.modules));
  if (many.length === 0) return <Note>{t("splits.noBalance")}</Note>;
  const n = Math.min(most, Math.max(least, wanted));
  const balance = balances.find((b) => b.modules === n);
  const total = balance?.seconds.reduce((a, b) => a + b, 0) ?? 0;
  const heaviest = Math.max(...(balance?.seconds ?? [0]));
  return (
    <Section title={t("splits.balance")}>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row everywhere */}
      <div className={css.stepper} role="group" aria-label={t("splits.moduleCount")}>
        <Button aria-label={t("splits.fewer")} disabled={n <= least} onClick={() => setWanted(n - 1)}>
          −
        </Button>
        <output className={css.count} data-testid="module-count">
          {t("splits.modulesN", { n })}
        </output>
        <Button
          aria-label={t("splits.more")}
          data-testid="more-modules"
          disabled={n >= most}
          onClick={() => setWanted(n + 1)}
        >
          +
        </Button>
        <Button
          look="primary"
          data-testid="balance"
          disabled={!balance}
          aria-disabled={stale}
          onClick={() => balance && !stale && onBalance(balance)}
        >
          {t("splits.balanceNow")}
        </Button>
      </div>
      {balance ? (
        <p className={css.none}>
          {t("splits.balanceTells", {
            share: percent(total > 0 ? heaviest / total : 1),
            bytes: bytes(balance.crossingBytes),
          })}
        </p>
      ) : null}
    </Section>
  );
}
