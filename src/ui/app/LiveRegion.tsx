import { useCallback, useSyncExternalStore } from "react";
import type { LogStore } from "../../state/log.ts";
import { useStudio, useText } from "./studio-context.ts";

/** What is over sooner need not be announced first. */
const WAIT_MS = 150;

/** Speaks what the worker finished or failed at; failures at once. */
export function LiveRegion() {
  const { log } = useStudio();
  const subscribe = useCallback((changed: () => void) => subscribeInTime(log, changed), [log]);
  const last = useSyncExternalStore(subscribe, () => log.getState().at(-1));
  const { t } = useText();
  const quiet =
    last === undefined || last.stage === "layout" || last.stage === "preview" || last.stage === "waveform";
  const sentence = quiet ? "" : `${t(`stage.${last.stage}`)}: ${t(`log.${last.event}`)}`;
  const failed = last?.event === "failed";
  // The same sentence again is only spoken if it differs.
  const spoken = sentence === "" || (last?.id ?? 0) % 2 === 0 ? sentence : `${sentence}\u00a0`;
  return (
    <>
      <output className="visually-hidden" aria-live="polite">
        {failed ? "" : spoken}
      </output>
      <div className="visually-hidden" role="alert">
        {failed ? spoken : ""}
      </div>
    </>
  );
}

/** Failures at once; the rest when there is time, and only the newest of it. */
function subscribeInTime(log: LogStore, changed: () => void): () => void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const tell = () => {
    clearTimeout(waiting);
    waiting = undefined;
    changed();
  };
  const stop = log.subscribe((entries) => {
    if (entries.at(-1)?.event === "failed") tell();
    else waiting ??= setTimeout(tell, WAIT_MS);
  });
  return () => {
    clearTimeout(waiting);
    stop();
  };
}
