import { useEffect, useRef } from "react";
import type { Command } from "../../state/commands/command.ts";
import { COMMANDS } from "../../state/commands/list.ts";
import { IconButton } from "../widgets/Button.tsx";
import { CheckField } from "../widgets/Field.tsx";
import { Icon } from "../widgets/Icon.tsx";
import { chordText } from "./chord-text.ts";
import css from "./HelpDialog.module.css";
import { useStudio, useText, useView } from "./studio-context.ts";

/** The keys, from the one list of commands. */
export function HelpDialog() {
  const { view } = useStudio();
  const open = useView((v) => v.helpOpen);
  const letterKeys = useView((v) => v.letterKeys);
  const dialog = useRef<HTMLDialogElement>(null);
  const { t } = useText();
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  const withKeys = COMMANDS.filter((command) => command.keys.length > 0);
  return (
    <dialog
      ref={dialog}
      className={css.dialog}
      aria-label={t("help.title")}
      onClose={() => view.setState({ helpOpen: false })}
    >
      {open ? (
        <>
          <header className={css.head}>
            <h2>{t("help.title")}</h2>
            <IconButton label={t("action.close")} onClick={() => view.setState({ helpOpen: false })}>
              <Icon name="close" size={12} />
            </IconButton>
          </header>
          <CheckField
            label={t("help.letterKeys")}
            value={letterKeys}
            onChange={(on) => view.setState({ letterKeys: on })}
          />
          <dl className={css.keys}>
            {withKeys.map((command) => (
              <div key={command.id} className={css.row}>
                <dt>{t(`command.${command.id}`)}</dt>
                <dd>{keyText(command)}</dd>
              </div>
            ))}
          </dl>
        </>
      ) : null}
    </dialog>
  );
}

function keyText(command: Command) {
  return command.keys.map((chord) => <kbd key={chord}>{chordText(chord)}</kbd>);
}
