import { useStore } from "zustand";
import { useStudio, useText } from "./studio-context.ts";

/** Speaks what the worker finished or failed at; failures at once. */
export function LiveRegion() {
  const last = useStore(useStudio().log, (log) => log.at(-1));
  const { t } = useText();
  const quiet =
    last === undefined || last.stage === "layout" || last.stage === "preview" || last.stage === "waveform";
  const sentence = quiet ? "" : `${t(`stage.${last.stage}`)}: ${t(`log.${last.event}`)}`;
  const failed = last?.event === "failed";
  return (
    <>
      <output className="visually-hidden" aria-live="polite">
        {failed ? "" : sentence}
      </output>
      <div className="visually-hidden" role="alert">
        {failed ? sentence : ""}
      </div>
    </>
  );
}
