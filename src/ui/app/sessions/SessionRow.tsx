import { useState } from "react";
import type { RecentSession } from "../../../state/sessions/sessions.ts";
import { Button, IconButton } from "../../widgets/Button.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { useSessions, useText } from "../studio-context.ts";
import { deeds, whenText } from "./rows.ts";
import css from "./Sessions.module.css";

/** One saved session: its name opens it. */
export function SessionRow(props: { readonly session: RecentSession; readonly onDelete: () => void }) {
  const { session, onDelete } = props;
  const { id, name, clips, keptBytes, sample, openElsewhere } = session;
  const sessions = useSessions();
  const [renaming, setRenaming] = useState(false);
  const { t, bytes, language } = useText();
  const kept =
    keptBytes > 0
      ? t("sessions.kept", { size: bytes(keptBytes) })
      : t(sample === undefined ? "sessions.notKept" : "sessions.sample");
  const facts = [
    ...deeds(session).map(({ text, params }) => t(text, params)),
    t("sessions.clips", { n: clips.length }),
    kept,
  ];
  return (
    <li className={css.row} data-testid="recent-session">
      {renaming ? (
        <NameField
          label={t("sessions.renameField", { name })}
          name={name}
          onDone={(next) => {
            setRenaming(false);
            if (next !== name) void sessions.rename(id, next);
          }}
        />
      ) : (
        <button type="button" className={css.name} onClick={() => void sessions.open(id)}>
          {name}
        </button>
      )}
      <time className={css.when} dateTime={new Date(session.savedAtMs).toISOString()}>
        {whenText(session.savedAtMs, language)}
      </time>
      <span className={css.facts}>
        {facts.join(" · ")}
        {openElsewhere ? <em> · {t("sessions.openElsewhere")}</em> : null}
      </span>
      <span className={css.tools}>
        {openElsewhere ? (
          <Button look="quiet" onClick={() => void sessions.open(id)}>
            {t("sessions.openCopy")}
          </Button>
        ) : (
          <>
            <IconButton label={t("sessions.rename", { name })} onClick={() => setRenaming(true)}>
              <Icon name="edit" size={14} />
            </IconButton>
            <IconButton label={t("sessions.delete", { name })} onClick={onDelete}>
              <Icon name="trash" size={14} />
            </IconButton>
          </>
        )}
      </span>
    </li>
  );
}

/** A name to write over: Enter or leaving it takes effect, Escape does not. */
export function NameField(props: {
  readonly label: string;
  readonly name: string;
  readonly onDone: (name: string) => void;
}) {
  const { label, name, onDone } = props;
  const done = (text: string) => onDone(text.trim() || name);
  return (
    <input
      className={css.field}
      aria-label={label}
      defaultValue={name}
      // biome-ignore lint/a11y/noAutofocus: the field stands where the button was that asked for it
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      onBlur={(event) => done(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") onDone(name);
      }}
    />
  );
}
