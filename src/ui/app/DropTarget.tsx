import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { collectFiles } from "./collect-files.ts";
import css from "./DropTarget.module.css";
import { take } from "./shell.ts";
import { useSession, useStudio, useText } from "./studio-context.ts";

/** Takes files dropped anywhere in the window, and shows that it would. */
export function DropTarget({ children }: { readonly children: ReactNode }) {
  const studio = useStudio();
  const { t } = useText();
  const [over, setOver] = useState(false);
  const [beside, setBeside] = useState(false);
  const hasModel = useSession((s) => s.model !== undefined);
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
    const where = hasModel && isBeside(event) ? "beside" : undefined;
    void collectFiles(event.dataTransfer).then((files) => take(studio, files, where));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping has a button and a key (Open) beside it
    <div
      className={css.target}
      data-testid="drop-target"
      onDragEnter={enter}
      onDragLeave={leave}
      onDragOver={(event) => {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        setBeside(isBeside(event));
      }}
      onDrop={drop}
    >
      {children}
      {over ? (
        <div className={css.over}>
          <span data-here={!hasModel || !beside}>{t(hasModel ? "drop.instead" : "drop.here")}</span>
          {hasModel ? <span data-here={beside}>{t("drop.beside")}</span> : null}
        </div>
      ) : null}
    </div>
  );
}

/** The right third of the window. */
function isBeside(event: DragEvent): boolean {
  return event.clientX > (window.innerWidth * 2) / 3;
}
