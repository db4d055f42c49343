import { useState } from "react";
import { useStore } from "zustand";
import type { RecentSession } from "../../../state/sessions/sessions.ts";
import { Button } from "../../widgets/Button.tsx";
import { Note } from "../../widgets/Section.tsx";
import { useSession, useSessions, useText } from "../studio-context.ts";
import { SessionRow } from "./SessionRow.tsx";
import css from "./Sessions.module.css";

/** Time to take a deletion back. */
const UNDO_MS = 8000;

/** Sessions of earlier visits: open, rename, delete. */
export function RecentSessions() {
  const sessions = useSessions();
  const recent = useStore(sessions.store, (s) => s.recent);
  const [leaving, setLeaving] = useState<{ session: RecentSession; timer: number }>();
  const { t } = useText();
  const awaiting = useSession((s) => s.restoring !== undefined);
  if (!recent || (recent.length === 0 && awaiting)) return null;
  const forget = (session: RecentSession) => {
    // One that was on its way out does not wait for the undo of another.
    if (leaving) {
      clearTimeout(leaving.timer);
      void sessions.forget(leaving.session.id);
    }
    const timer = window.setTimeout(() => {
      setLeaving(undefined);
      void sessions.forget(session.id);
    }, UNDO_MS);
    setLeaving({ session, timer });
  };
  const shown = recent.filter(({ id }) => id !== leaving?.session.id);
  return (
    <section
      className={css.recent}
      data-empty={recent.length === 0}
      aria-label={t("sessions.recent")}
      data-testid="recent-sessions"
    >
      <header className={css.head}>
        <h2>{t("sessions.recent")}</h2>
        {recent.length > 0 ? <ForgetAll /> : null}
      </header>
      {recent.length === 0 ? <Note>{t("sessions.none")}</Note> : null}
      {leaving ? (
        <p className={css.leaving} role="status">
          {t("sessions.deleted", { name: leaving.session.name })}
          <Button
            look="quiet"
            onClick={() => {
              clearTimeout(leaving.timer);
              setLeaving(undefined);
            }}
          >
            {t("sessions.undo")}
          </Button>
        </p>
      ) : null}
      <ul className={css.list}>
        {shown.map((session) => (
          <SessionRow key={session.id} session={session} onDelete={() => forget(session)} />
        ))}
      </ul>
    </section>
  );
}

/** Asks in place: there is no way back. */
function ForgetAll() {
  const sessions = useSessions();
  const [asking, setAsking] = useState(false);
  const { t } = useText();
  if (!asking) {
    return (
      <Button look="quiet" onClick={() => setAsking(true)} data-testid="forget-all">
        {t("sessions.forgetAll")}
      </Button>
    );
  }
  return (
    <span className={css.sure}>
      {t("sessions.forgetAllSure")}
      <Button
        onClick={() => void sessions.forgetAll().then(() => setAsking(false))}
        data-testid="forget-all-yes"
      >
        {t("sessions.forgetAllYes")}
      </Button>
      <Button look="quiet" onClick={() => setAsking(false)}>
        {t("sessions.keepAll")}
      </Button>
    </span>
  );
}
