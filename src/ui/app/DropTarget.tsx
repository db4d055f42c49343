import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { openFiles } from "../../state/open-files.ts";
import { collectFiles } from "./collect-files.ts";
import css from "./DropTarget.module.css";
import { useStudio, useText } from "./studio-context.ts";

/** Takes files dropped anywhere in the window, and shows that it would. */
export function DropTarget({ children }: { readonly children: ReactNode }) {
  const studio = useStudio();
  const { t } = useText();
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const carriesFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  const enter = (event: DragEvent) => {
    if (!carriesFiles(event)) return;
    depth.current++;
    setOver(true);
  };
  const leave = (event: DragEvent) => {
    if (!carriesFiles(event)) return;
    depth.current--;
    if (depth.current <= 0) setOver(false);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    depth.current = 0;
    setOver(false);
    void collectFiles(event.dataTransfer).then((files) => openFiles(studio, files));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping has a button and a key (Open) beside it
    <div
      className={css.target}
      data-testid="drop-target"
      onDragEnter={enter}
      onDragLeave={leave}
      onDragOver={(event) => {
        if (carriesFiles(event)) event.preventDefault();
      }}
      onDrop={drop}
    >
      {children}
      {over ? <div className={css.over}>{t("drop.here")}</div> : null}
    </div>
  );
}
