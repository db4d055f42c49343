import type { WidthBudget } from "../../../core/quant/esp/width-budget.ts";
import { setBudget } from "../../../state/document.ts";
import { usePlanOf, useStudio, useText } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { CheckField, SelectField } from "../../widgets/Field.tsx";
import { Note } from "../../widgets/Section.tsx";
import css from "./ChipOptions.module.css";

const FACTORS = [1, 1.05, 1.1, 1.25, 1.5, 2, 3];
const FIRST: WidthBudget = { bytes: 1.25, cycles: 1.25 };

/** Whether 16 bits are searched for where they pay, and what they may cost. */
export function BudgetField() {
  const { document } = useStudio();
  const { budget, bits, compatible } = usePlanOf("budget", "bits", "compatible");
  const { t, problem } = useText();
  const unused = bits === 16 ? "bits16" : compatible ? "compatible" : undefined;
  if (unused && !budget) return null;
  const factor = (of: "bytes" | "cycles") => (
    <SelectField
      label={t(`budget.${of}`)}
      value={String(budget?.[of] ?? "none")}
      options={[
        ...factors(budget?.[of]).map((x) => ({ id: String(x), label: t("budget.times", { x }) })),
        { id: "none", label: t("budget.none") },
      ]}
      onChange={(id) => setBudget(document, withFactor(budget, of, id))}
    />
  );
  return (
    <div data-testid="budget">
      <CheckField
        label={t("budget.title")}
        value={budget !== undefined}
        onChange={(on) => setBudget(document, on ? FIRST : undefined)}
      />
      {budget && unused ? (
        <p className={css.warning}>
          <Badge tone="warn">{t("budget.title")}</Badge>{" "}
          {problem({ code: "plan.budgetUnused", why: unused }).what}
        </p>
      ) : null}
      {budget && !unused ? (
        <>
          <Note>{t("budget.hint")}</Note>
          <div className={css.pair}>
            {factor("bytes")}
            {factor("cycles")}
          </div>
        </>
      ) : null}
    </div>
  );
}

/** A plan may say something that the list does not offer. */
function factors(own: number | undefined): readonly number[] {
  return own === undefined ? FACTORS : [...new Set([...FACTORS, own])].sort((a, b) => a - b);
}

function withFactor(budget: WidthBudget = {}, of: "bytes" | "cycles", id: string): WidthBudget {
  const { [of]: _, ...other } = budget;
  return id === "none" ? other : { ...other, [of]: Number(id) };
}
