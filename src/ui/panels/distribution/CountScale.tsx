import { useStudio, useText, useView } from "../../app/studio-context.ts";
import { Button } from "../../widgets/Button.tsx";
import css from "./Distribution.module.css";

/** Linear or logarithmic counts; one choice for all histograms. */
export function CountScale() {
  const { view } = useStudio();
  const log = useView((v) => v.logCounts);
  const { t } = useText();
  const button = (on: boolean) => (
    <Button
      look="quiet"
      aria-pressed={log === on}
      className={css.scaleButton}
      onClick={() => view.setState({ logCounts: on })}
    >
      {t(on ? "distribution.log" : "distribution.linear")}
    </Button>
  );
  return (
    <fieldset className={css.scale}>
      <legend>{t("distribution.counts")}</legend>
      {button(false)}
      {button(true)}
    </fieldset>
  );
}
