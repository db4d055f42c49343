import { chordOf, commandFor, isBrowserKey, isSingleKey } from "../../state/commands/chord.ts";
import type { Command, Shell } from "../../state/commands/command.ts";
import { COMMANDS } from "../../state/commands/list.ts";
import type { Studio } from "../../state/studio.ts";

/** Runs commands by their keys. Gives back a function that stops listening. */
export function listenToKeys(studio: Studio, shell: Shell): () => void {
  const onKey = (event: KeyboardEvent) => {
    // A key that composes Chinese text is not a command.
    if (event.defaultPrevented || event.isComposing || studio.view.getState().dialog !== "none") return;
    const chord = chordOf(event);
    if (isSingleKey(chord) && (isTyping(event.target) || !studio.view.getState().letterKeys)) return;
    if (isBrowserKey(chord) && !isGraphOrNothing(event.target)) return;
    const command = commandFor(COMMANDS, chord);
    if (!command?.when(studio)) return;
    event.preventDefault();
    if (!asksFirst(studio, command)) command.run(studio, shell);
  };
  window.addEventListener("keydown", onKey);
  return () => window.removeEventListener("keydown", onKey);
}

/** How long a question waits for its second key. */
const ASK_MS = 5000;
let forgetting: ReturnType<typeof setTimeout> | undefined;

/** A stray Escape must not end long work: the first one asks, in the status bar. */
function asksFirst({ view }: Studio, { id }: Command): boolean {
  if (id !== "cancel") return false;
  const asks = !view.getState().asksToCancel;
  view.setState({ asksToCancel: asks });
  clearTimeout(forgetting);
  if (asks) forgetting = setTimeout(() => view.setState({ asksToCancel: false }), ASK_MS);
  return asks;
}

function isGraphOrNothing(target: EventTarget | null): boolean {
  return target === document.body || (target instanceof Element && target.closest("[data-graph]") !== null);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const silent =
    target instanceof HTMLInputElement && (target.type === "checkbox" || target.type === "radio");
  return !silent && (target.matches("input, textarea, select") || target.isContentEditable);
}
