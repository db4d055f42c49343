import type { Command } from "./command.ts";

/** What of a keyboard event decides its chord. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** The chord of a key press, spelled as in `Command.keys`. Shift counts with letters of a chord, not with signs such as "?". */
export function chordOf(press: KeyPress): string {
  const mod = press.ctrlKey || press.metaKey;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  const shift = press.shiftKey && (press.key.length > 1 || /[a-z]/.test(key));
  return `${mod ? "Mod+" : ""}${press.altKey ? "Alt+" : ""}${shift ? "Shift+" : ""}${key}`;
}

/** True for chords of one printing key, which must not act while text is typed. */
export function isSingleKey(chord: string): boolean {
  return chord.length === 1;
}

/** True for chords that the browser needs itself: they act only with the focus in the graph or nowhere. */
export function isBrowserKey(chord: string): boolean {
  return chord === "Mod+f";
}

/** The command that a chord stands for. */
export function commandFor<C extends Command>(commands: readonly C[], chord: string): C | undefined {
  return commands.find((command) => command.keys.includes(chord));
}
