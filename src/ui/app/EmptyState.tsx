import { useEffect, useRef } from "react";
import { commandOf } from "../../state/commands/list.ts";
import { trySample } from "../../state/sample.ts";
import { Button } from "../widgets/Button.tsx";
import { Icon } from "../widgets/Icon.tsx";
import css from "./EmptyState.module.css";
import { AwaitedModel } from "./sessions/AwaitedModel.tsx";
import { RecentSessions } from "./sessions/RecentSessions.tsx";
import { useRun, useSession, useStudio, useText } from "./studio-context.ts";

/** What Rill is, one button, and the sample. */
export function EmptyState() {
  const run = useRun();
  const studio = useStudio();
  const { t, language } = useText();
  const others = useSession((s) => s.samples).slice(1);
  const replaying = useSession((s) => s.replaying);
  const open = useRef<HTMLDivElement>(null);
  useEffect(() => open.current?.querySelector("button")?.focus({ preventScroll: true }), []);
  return (
    <main className={css.empty} data-testid="empty-state">
      <svg className={css.art} viewBox="0 0 320 64" aria-hidden="true">
        <path d="M8 20h28M64 20h28M120 20h28M176 20h28M232 20h28M288 20h24" className={css.wire} />
        {[36, 92, 148, 204, 260].map((x, i) => (
          <rect key={x} x={x} y={8} width={28} height={24} rx={5} className={i % 2 ? css.cache : css.node} />
        ))}
        <path
          d="M8 52c14-14 24 14 38 0s24 14 38 0 24 14 38 0 24 14 38 0 24 14 38 0 24 14 38 0 24 14 38 0 24 14 38 0"
          className={css.wave}
        />
      </svg>
      <h1 className={css.sentence}>{t("empty.sentence")}</h1>
      <AwaitedModel />
      <div className={css.actions} ref={open}>
        <Button look="primary" className={css.big} onClick={() => run(commandOf("open"))} data-testid="open">
          <Icon name="folder" size={18} />
          {t("empty.open")}
        </Button>
        <Button
          className={css.big}
          disabled={replaying}
          onClick={() => run(commandOf("trySample"))}
          data-testid="try-sample"
        >
          <Icon name="play" size={18} />
          {t("empty.sample")}
        </Button>
      </div>
      {others.length > 0 ? (
        <p className={css.hint}>
          {t("empty.others")}
          {others.map((sample) => (
            <Button
              key={sample.id}
              look="quiet"
              disabled={replaying}
              onClick={() => void trySample(studio, sample.id)}
            >
              {language === "en" ? sample.title.en : sample.title.zh}
            </Button>
          ))}
        </p>
      ) : null}
      <p className={css.hint}>{t("empty.drop")}</p>
      <p className={css.hint}>
        <Icon name="lock" size={14} /> {t("privacy")}
      </p>
      <RecentSessions />
    </main>
  );
}
