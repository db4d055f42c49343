import { targets } from "../../../core/targets/catalogue.ts";
import type { Target } from "../../../core/targets/target.ts";
import type { ChipFit } from "../../../engine/esp/fit-chip.ts";
import { setTarget } from "../../../state/document.ts";
import { chipOf } from "../../../state/select/chips.ts";
import { useStudio, useTarget, useText } from "../../app/studio-context.ts";
import { useFits } from "../../app/use-fits.ts";
import type { Text } from "../../i18n/text.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { kibibytes } from "../../widgets/numbers.ts";
import { ChipOptions } from "./ChipOptions.tsx";
import { OwnSettings } from "./OwnSettings.tsx";
import { ramVerdict, VERDICT_TONES } from "./rows.ts";
import css from "./TargetPicker.module.css";

const GROUPS = [
  { id: "onnxruntime", exporter: "onnx-qdq" },
  { id: "espressif", exporter: "espdl" },
] as const;

/** Every target with what it is; of a chip, also what it makes of this model. */
export function TargetPicker() {
  const studio = useStudio();
  const target = useTarget();
  const text = useText();
  const chip = chipOf(target);
  const fits = useFits();
  const chosen = chip?.id ?? target;
  return (
    <>
      <fieldset className={css.picker} data-testid="target-picker">
        <legend>{text.t("calibrate.target")}</legend>
        {GROUPS.map((group) => (
          <div key={group.id} className={css.group} role="presentation">
            <h3>{text.t(`chip.group.${group.id}`)}</h3>
            {targets
              .filter((t) => t.exporter === group.exporter)
              .map((t) => (
                <label key={t.id} className={css.target} data-chosen={t.id === chosen}>
                  <input
                    type="radio"
                    name="target"
                    value={t.id}
                    checked={t.id === chosen}
                    onChange={() => setTarget(studio.document, t.id)}
                  />
                  <span className={css.label}>{t.label}</span>
                  <span className={css.line}>{lineOf(t, text)}</span>
                  <Verdict fit={fits.find((f) => f.target === t.id)} />
                </label>
              ))}
          </div>
        ))}
      </fieldset>
      {chip ? <ChipOptions chip={chip} /> : null}
      <OwnSettings />
    </>
  );
}

/** In a word: does the model run there, and does it fit. */
function Verdict({ fit }: { readonly fit: ChipFit | undefined }) {
  const { t } = useText();
  if (!fit) return null;
  if (fit.refusals.length > 0)
    return <Badge tone="bad">{t("chip.verdict.refused", { n: fit.refusals.length })}</Badge>;
  if (!fit.memory) return null;
  const { cacheBytes, arenaBytes } = fit.memory;
  const verdict = ramVerdict(cacheBytes + arenaBytes, fit);
  return <Badge tone={VERDICT_TONES[verdict]}>{t(`chip.verdict.${verdict}`)}</Badge>;
}

function lineOf(target: Target, { t }: Text): string {
  if (target.exporter !== "espdl") return t("chip.onnxruntime");
  const { sramBytes, psram } = target;
  return t("chip.line", { sram: kibibytes(sramBytes), psram: psram ? t("chip.psram") : "" });
}
