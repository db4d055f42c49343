import type { SavedSession } from "../../../state/sessions/saved-session.ts";
import type { Language } from "../../../state/view.ts";
import type { MessageKey } from "../../i18n/messages.ts";

interface Deed {
  readonly text: MessageKey;
  readonly params: Readonly<Record<string, string | number>>;
}

/** How far a session had come: what was decided, and the last thing that was done. */
export function deeds({ history, progress }: Pick<SavedSession, "history" | "progress">): readonly Deed[] {
  const edits = history.past.length;
  const edited: Deed[] = edits > 0 ? [{ text: "sessions.did.edited", params: { n: edits } }] : [];
  return [...edited, lastDeed(progress)];
}

function lastDeed({ verified, sqnrDb, calibratedClips }: SavedSession["progress"]): Deed {
  if (verified) return { text: "sessions.did.verified", params: {} };
  if (sqnrDb !== undefined) {
    return { text: "sessions.did.compared", params: { db: sqnrDb.toFixed(1).replace("-", "−") } };
  }
  if (calibratedClips !== undefined) {
    return { text: "sessions.did.calibrated", params: { n: calibratedClips } };
  }
  return { text: "sessions.did.opened", params: {} };
}

/** Day and time of a moment, in the user's own time zone. */
export function whenText(atMs: number, language: Language): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(atMs);
}

/** Time of the day. */
export function clockText(atMs: number, language: Language): string {
  const known = clocks.get(language);
  const clock = known ?? new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
  if (!known) clocks.set(language, clock);
  return clock.format(atMs);
}

/** Making one takes longer than all else that a mark makes the page do. */
const clocks = new Map<Language, Intl.DateTimeFormat>();
