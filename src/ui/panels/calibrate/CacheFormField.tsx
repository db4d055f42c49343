import { useMemo } from "react";
import type { EspdlTarget } from "../../../core/targets/target.ts";
import { setCacheForm } from "../../../state/document.ts";
import { usePlanOf, useStage, useStudio, useText } from "../../app/studio-context.ts";
import { useFeed } from "../../app/use-feed.ts";
import { useFitParts } from "../../app/use-fit-parts.ts";
import { SelectField } from "../../widgets/Field.tsx";
import { kibibytes } from "../../widgets/numbers.ts";
import css from "./ChipOptions.module.css";

const FORMS = ["internal", "explicit"] as const;

/** Where a chip's files have their caches, with what either form takes. */
export function CacheFormField({ chip }: { readonly chip: EspdlTarget }) {
  const { stages, document } = useStudio();
  const { cacheForm } = usePlanOf("cacheForm");
  const parts = useFitParts();
  const { t } = useText();
  useFeed(
    stages.forms,
    useMemo(() => parts && { ...parts, target: chip.id }, [parts, chip]),
  );
  const { result, stale, failure } = useStage("forms");
  const fits = stale || failure ? [] : (result ?? []);
  const form = cacheForm ?? "internal";
  return (
    <div data-testid="cache-form">
      <SelectField
        label={t("caches.form")}
        hint={t(`caches.form.${form}.hint`)}
        value={form}
        options={FORMS.map((id) => ({ id, label: t(`caches.form.${id}`) }))}
        onChange={(id) => setCacheForm(document, id === "explicit" ? id : undefined)}
      />
      <ul className={css.forms}>
        {fits.map(({ memory, caches }, i) => {
          const id = FORMS[i];
          if (!memory || !caches || !id) return null;
          const line = t("caches.form.weighed", {
            form: t(`caches.form.${id}`),
            flash: kibibytes(memory.flashBytes),
            ram: kibibytes(memory.cacheBytes + memory.arenaBytes),
            counts: t("caches.form.counts", caches),
          });
          return (
            <li key={id} data-chosen={id === form}>
              {line}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
