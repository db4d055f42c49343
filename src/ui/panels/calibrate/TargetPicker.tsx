import { targets } from "../../../core/targets/catalogue.ts";
import type { Target } from "../../../core/targets/target.ts";
import { setTarget } from "../../../state/document.ts";
import { chipOf } from "../../../state/select/chips.ts";
import { usePlan, useStudio, useText } from "../../app/studio-context.ts";
import type { Text } from "../../i18n/text.ts";
import { kibibytes } from "../../widgets/numbers.ts";
import { ChipOptions } from "./ChipOptions.tsx";
import css from "./TargetPicker.module.css";

const GROUPS = [
  { id: "onnxruntime", exporter: "onnx-qdq" },
  { id: "espressif", exporter: "espdl" },
] as const;

/** Every target with what it is; of a chip, also what it makes of this model. */
export function TargetPicker() {
  const studio = useStudio();
  const { target } = usePlan();
  const text = useText();
  const chip = chipOf(target);
  const chosen = chip?.id ?? target;
  return (
    <>
      <fieldset className={css.picker} data-testid="target-picker">
        <legend>{text.t("calibrate.target")}</legend>
        {GROUPS.map((group) => (
          <div key={group.id} className={css.group} role="presentation">
            <h4>{text.t(`chip.group.${group.id}`)}</h4>
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
                </label>
              ))}
          </div>
        ))}
      </fieldset>
      {chip ? <ChipOptions chip={chip} /> : null}
    </>
  );
}

/** Memory of a chip and how it keeps filters. */
function lineOf(target: Target, { t }: Text): string {
  if (target.exporter !== "espdl") return t("chip.onnxruntime");
  const { vectorBytes, formats, sramBytes, psram } = target;
  const scales = formats[8].perChannelFilters ? "perChannel" : vectorBytes === 0 ? "portable" : "perTensor";
  return t("chip.line", {
    sram: kibibytes(sramBytes),
    psram: t(psram ? "chip.psram" : "chip.noPsram"),
    scales: t(`chip.${scales}`),
  });
}
