const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** A chord as it is printed on keys: "Mod+Shift+z" is "Ctrl+Shift+Z", or with ⌘ on a Mac. */
export function chordText(chord: string): string {
  return chord
    .replace("Mod", isMac ? "⌘" : "Ctrl")
    .replace("ArrowLeft", "←")
    .replace("ArrowRight", "→")
    .replace("ArrowUp", "↑")
    .replace("ArrowDown", "↓")
    .replace("ContextMenu", "☰")
    .replace("Escape", "Esc")
    .replace(/(^|\+)([a-z])$/, (_, plus: string, letter: string) => plus + letter.toUpperCase());
}
