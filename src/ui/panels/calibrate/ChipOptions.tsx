import type { EspdlTarget } from "../../../core/targets/target.ts";
import { setBits, setCompatible } from "../../../state/document.ts";
import { usePlanOf, useStudio, useText } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { CheckField, SelectField } from "../../widgets/Field.tsx";
import { BudgetField } from "./BudgetField.tsx";
import { CacheFormField } from "./CacheFormField.tsx";
import { ChipFitSection } from "./ChipFitSection.tsx";
import css from "./ChipOptions.module.css";

const WIDTHS = ["8", "16"] as const;

/** What a chip lets one choose: width, whose numbers; and what comes of it. */
export function ChipOptions({ chip }: { readonly chip: EspdlTarget }) {
  const studio = useStudio();
  const { bits = 8, compatible } = usePlanOf("bits", "compatible");
  const { t } = useText();
  return (
    <>
      <SelectField
        label={t("chip.bits")}
        hint={t(`chip.bits.hint.${bits}`)}
        value={`${bits}`}
        options={WIDTHS.map((id) => ({ id, label: t(`chip.bits.${id}`) }))}
        onChange={(id) => setBits(studio.document, id === "16" ? 16 : 8)}
      />
      <CheckField
        label={t("chip.compatible")}
        value={compatible === "esp-ppq"}
        onChange={(on) => setCompatible(studio.document, on ? "esp-ppq" : undefined)}
      />
      {compatible ? (
        <p className={css.warning} data-testid="compatible-warning">
          <Badge tone="warn">ESP-PPQ</Badge> {t("chip.compatible.warning")}
        </p>
      ) : null}
      <BudgetField />
      <CacheFormField chip={chip} />
      <ChipFitSection chip={chip} />
    </>
  );
}
