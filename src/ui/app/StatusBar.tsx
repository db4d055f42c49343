import { useStore } from "zustand";
import { STAGE_NAMES } from "../../state/stages.ts";
import { Icon } from "../widgets/Icon.tsx";
import { chordText } from "./chord-text.ts";
import css from "./StatusBar.module.css";
import { SavedText } from "./sessions/SessionSection.tsx";
import { useStudio, useText, useView } from "./studio-context.ts";
import { TotalsBar } from "./TotalsBar.tsx";
import { useRunningStages } from "./use-running-stages.ts";

/** What the worker does, and the privacy line. */
export function StatusBar() {
  const studio = useStudio();
  const running = useRunningStages(studio);
  const offline = useStore(studio.installation, (i) => i.offline);
  const asks = useView((v) => v.asksToCancel);
  const { t } = useText();
  const names = STAGE_NAMES.filter((name) => running.includes(name));
  return (
    <footer className={css.bar}>
      <span data-testid="status" data-busy={names.length > 0}>
        <span className={css.lamp} data-busy={names.length > 0} aria-hidden="true" />
        {names.length === 0 ? t("status.idle") : names.map((name) => t(`stage.${name}`)).join(" · ")}
        <output className={css.question}>
          {asks && names.length > 0 ? t("status.cancelAsk", { key: chordText("Escape") }) : ""}
        </output>
      </span>
      <TotalsBar />
      <SavedText />
      <span className={css.privacy}>
        {offline ? <span data-testid="offline">{t("install.offline")} · </span> : null}
        <Icon name="lock" size={12} /> {t("privacy")}
      </span>
    </footer>
  );
}
