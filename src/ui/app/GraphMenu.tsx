import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { type CommandId, commandOf } from "../../state/commands/list.ts";
import { chordText } from "./chord-text.ts";
import css from "./GraphMenu.module.css";
import { useRun, useStudio, useText } from "./studio-context.ts";

const ITEMS: readonly CommandId[] = [
  "toggleCache",
  "toggleSplit",
  "openGroup",
  "closeGroup",
  "toggleGroups",
  "toggleWrap",
  "selectBack",
  "selectForward",
  "toggleTime",
  "toggleHeat",
  "savePicture",
];

export interface GraphMenuProps {
  /** Position in client px. */
  readonly at: { readonly x: number; readonly y: number };
  readonly onClose: () => void;
}

/** Least distance from the edges of the window, in px. */
const EDGE = 8;

function withinWindow(at: GraphMenuProps["at"], { width, height }: DOMRect): GraphMenuProps["at"] {
  return {
    x: Math.max(EDGE, Math.min(at.x, innerWidth - width - EDGE)),
    y: Math.max(EDGE, Math.min(at.y, innerHeight - height - EDGE)),
  };
}

/** What can be done to the selection, from the list of commands. Arrows move, Escape closes. */
export function GraphMenu({ at, onClose }: GraphMenuProps) {
  const studio = useStudio();
  const run = useRun();
  const { t } = useText();
  const menu = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState(at);
  useLayoutEffect(() => {
    const box = menu.current?.getBoundingClientRect();
    if (box) setPlace(withinWindow(at, box));
  }, [at]);
  useEffect(() => {
    const before = document.activeElement;
    menu.current?.querySelector<HTMLElement>("button:not(:disabled)")?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    event.stopPropagation();
    if (event.key === "Escape") onClose();
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>("button:not(:disabled)")];
    const now = buttons.findIndex((b) => b.matches(":focus"));
    buttons[(now + step + buttons.length) % buttons.length]?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a click beside the menu closes it, as Escape does
    <div className={css.veil} onPointerDown={onClose} onContextMenu={(event) => event.preventDefault()}>
      <div
        ref={menu}
        role="menu"
        tabIndex={-1}
        aria-label={t("graph.menu")}
        className={css.menu}
        style={{ left: place.x, top: place.y }}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => event.stopPropagation()}
      >
        {ITEMS.map((id) => {
          const command = commandOf(id);
          return (
            <button
              key={id}
              type="button"
              role="menuitem"
              disabled={!command.when(studio)}
              className={css.item}
              onClick={() => {
                run(command);
                onClose();
              }}
            >
              {t(`command.${id}`)}
              {command.keys.slice(0, 1).map((chord) => (
                <kbd key={chord}>{chordText(chord)}</kbd>
              ))}
            </button>
          );
        })}
      </div>
    </div>
  );
}
