import { Command as Menu } from "cmdk";
import { useEffect, useRef } from "react";
import type { Command } from "../../state/commands/command.ts";
import { COMMAND_GROUPS, type CommandId, commandOf } from "../../state/commands/list.ts";
import { en, zhCN } from "../i18n/messages.ts";
import css from "./CommandPalette.module.css";
import { chordText } from "./chord-text.ts";
import { ModalDialog } from "./ModalDialog.tsx";
import { useEditsAround, useRun, useStudio, useText } from "./studio-context.ts";
import { useEditText } from "./use-edit-text.ts";

/** Every command by name, in either language; what is not possible now says so instead of hiding. */
export function CommandPalette() {
  const { view } = useStudio();
  const { t } = useText();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // The dialog itself would focus the list around the input.
    input.current?.focus();
  }, []);
  const close = () => view.setState({ dialog: "none" });
  return (
    <ModalDialog title={t("command.palette")} look="bare">
      <Menu label={t("palette.search")} loop vimBindings={false}>
        <Menu.Input className={css.input} ref={input} placeholder={t("palette.search")} />
        <Menu.List className={css.list} label={t("command.palette")}>
          <Menu.Empty className={css.empty}>{t("palette.none")}</Menu.Empty>
          {COMMAND_GROUPS.map(({ id, commands }) => (
            <Menu.Group key={id} heading={t(`command.group.${id}`)} className={css.group}>
              {commands
                .filter((command) => command.id !== "palette")
                .map((command) => (
                  <Item key={command.id} id={command.id} onRun={close} />
                ))}
            </Menu.Group>
          ))}
        </Menu.List>
      </Menu>
    </ModalDialog>
  );
}

function Item({ id, onRun }: { readonly id: CommandId; readonly onRun: () => void }) {
  const studio = useStudio();
  const run = useRun();
  const { t } = useText();
  const label = useLabel(id);
  const command: Command = commandOf(id);
  const possible = command.when(studio);
  return (
    <Menu.Item
      value={id}
      keywords={[en[`command.${id}`], zhCN[`command.${id}`], label]}
      disabled={!possible}
      className={css.item}
      onSelect={() => {
        // The command may open a dialog or a file picker of its own.
        onRun();
        run(command);
      }}
    >
      <span>{label}</span>
      {possible ? null : <span className={css.later}>{t("palette.later")}</span>}
      {command.keys.slice(0, 1).map((chord) => (
        <kbd key={chord}>{chordText(chord)}</kbd>
      ))}
    </Menu.Item>
  );
}

/** Undo and redo say what. */
function useLabel(id: CommandId): string {
  const editText = useEditText();
  const { t } = useText();
  const { past, future } = useEditsAround();
  if (id === "undo" && past) return t("top.undo", { edit: editText(past) });
  if (id === "redo" && future) return t("top.redo", { edit: editText(future) });
  return t(`command.${id}`);
}
