import type { Studio } from "../studio.ts";

/** What a command needs of the page besides the state. */
export interface Shell {
  /** Lets the person choose files; "beside": another model to be shown beside the open one; "plan": a plan file. */
  pickFiles(where?: "beside" | "plan"): void;
  /** Saves and closes the open session. */
  closeSession(): void;
  /** Offers bytes as a file. */
  download(fileName: string, bytes: BlobPart, mimeType: string): void;
}

/** Something that the user can do, wherever it is offered: toolbar, menu, keyboard. Its label is `command.<id>`. */
export interface Command {
  readonly id: string;
  /** Chords such as "Mod+Shift+z" or "c"; Mod is ⌘ on a Mac and Ctrl elsewhere. */
  readonly keys: readonly string[];
  readonly when: (studio: Studio) => boolean;
  readonly run: (studio: Studio, shell: Shell) => void;
}
