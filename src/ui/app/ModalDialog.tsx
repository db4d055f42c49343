import { type ReactNode, useEffect, useRef } from "react";
import { IconButton } from "../widgets/Button.tsx";
import { Icon } from "../widgets/Icon.tsx";
import css from "./ModalDialog.module.css";
import { useStudio, useText } from "./studio-context.ts";

export interface ModalDialogProps {
  readonly title: string;
  /** "headed": the title with a button that closes stands over the contents; "bare": the title is spoken only. */
  readonly look: "headed" | "bare";
  readonly children: ReactNode;
}

/** The dialog over the page for as long as it is mounted; afterwards the focus is where it was. */
export function ModalDialog({ title, look, children }: ModalDialogProps) {
  const { view } = useStudio();
  const { t } = useText();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const close = () => view.setState({ dialog: "none" });
  return (
    <dialog ref={dialog} className={css.dialog} data-look={look} aria-label={title} onClose={close}>
      {look === "headed" ? (
        <header className={css.head}>
          <h2>{title}</h2>
          <IconButton label={t("action.close")} onClick={close}>
            <Icon name="close" size={12} />
          </IconButton>
        </header>
      ) : null}
      {children}
    </dialog>
  );
}
