import { useState } from "react";
import { useStore } from "zustand";
import { Button, IconButton } from "../../widgets/Button.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { Section } from "../../widgets/Section.tsx";
import { useSession, useSessions, useText } from "../studio-context.ts";
import { clockText } from "./rows.ts";
import { NameField } from "./SessionRow.tsx";
import css from "./Sessions.module.css";

/** The open session: its name, when it was saved, and whether its files are kept. */
export function SessionSection() {
  const sessions = useSessions();
  const open = useStore(sessions.store, (s) => s.open);
  const fileBytes = useSession(({ model, twin, clips }) =>
    [model?.files ?? [], twin ?? [], clips.map((c) => c.file)].flat().reduce((n, f) => n + f.blob.size, 0),
  );
  const [renaming, setRenaming] = useState(false);
  const { t, bytes } = useText();
  if (!open) return null;
  const { id, name, keepFiles } = open;
  return (
    <Section
      title={t("sessions.title")}
      extra={
        <Button look="quiet" onClick={() => void sessions.close()} data-testid="close-session">
          {t("sessions.close")}
        </Button>
      }
    >
      <div className={css.own}>
        {renaming ? (
          <NameField
            label={t("sessions.renameField", { name })}
            name={name}
            onDone={(next) => {
              setRenaming(false);
              void sessions.rename(id, next);
            }}
          />
        ) : (
          <>
            <strong className={css.ownName} data-testid="session-name">
              {name}
            </strong>
            <IconButton label={t("sessions.rename", { name })} onClick={() => setRenaming(true)}>
              <Icon name="edit" size={14} />
            </IconButton>
          </>
        )}
      </div>
      <label className={css.consent}>
        <input
          type="checkbox"
          checked={keepFiles}
          data-testid="keep-files"
          onChange={(event) => void sessions.setKeepFiles(event.currentTarget.checked)}
        />
        {t("sessions.keepFiles", { size: bytes(fileBytes) })}
      </label>
      <p className={css.hint}>{t("sessions.keepFilesHint")}</p>
      <div className={css.forget}>
        <Button look="quiet" onClick={() => void sessions.forget(id)} data-testid="forget-session">
          <Icon name="trash" size={14} />
          {t("sessions.forget")}
        </Button>
      </div>
    </Section>
  );
}

/** When the open session was saved last, or that it is not. */
export function SavedText() {
  const { open, savedAtMs, problem } = useStore(useSessions().store);
  const hasModel = useSession((s) => s.model !== undefined);
  const { t, language } = useText();
  if (!hasModel) return null;
  const text =
    !open || problem
      ? t("sessions.unsaved")
      : savedAtMs === undefined
        ? t("sessions.saving")
        : t("sessions.saved", { time: clockText(savedAtMs, language) });
  return (
    <span
      className={css.saved}
      data-testid="saved"
      data-saved={open !== undefined && savedAtMs !== undefined}
    >
      {text}
    </span>
  );
}
