import { useStore } from "zustand";
import { useStudio, useText } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { Note } from "../../widgets/Section.tsx";
import css from "./LogPanel.module.css";

const TONES = { started: "neutral", done: "ok", stopped: "warn", failed: "bad" } as const;

/** What the worker did, newest first. */
export function LogPanel() {
  const entries = useStore(useStudio().log);
  const { t, duration, problem } = useText();
  if (entries.length === 0) return <Note>{t("log.empty")}</Note>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
    <ol className={css.log} data-testid="log" tabIndex={0} aria-label={t("drawer.log")}>
      {[...entries].reverse().map((entry) => (
        <li key={entry.id} className={css.entry}>
          <span className={css.time}>{duration(entry.atMs / 1000)}</span>
          <Badge tone={TONES[entry.event]}>{t(`log.${entry.event}`)}</Badge>
          <span>{t(`stage.${entry.stage}`)}</span>
          {entry.tookMs === undefined ? null : (
            <span className={css.time}>{duration(entry.tookMs / 1000)}</span>
          )}
          {entry.failure ? (
            <span>
              {entry.failure.kind === "problem"
                ? `${entry.failure.problem.code}: ${problem(entry.failure.problem).what}`
                : entry.failure.message}
            </span>
          ) : null}
        </li>
      ))}
    </ol>
  );
}
