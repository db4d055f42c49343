import type { Restoring } from "../session.ts";
import type { Stage } from "../stage.ts";
import type { Studio } from "../studio.ts";
import { KEPT_ANSWERS, type SavedAnswer } from "./saved-session.ts";

/**
 * Puts the kept answers of an earlier visit into their stages. Each stays marked stale until its stage is fed the very
 * inputs that it answered, files compared by content.
 */
export function restoreAnswers({ stages, found, identities }: Studio, { answers }: Restoring): void {
  const asked =
    ({ question }: SavedAnswer) =>
    (parts: object) =>
      identities.fingerprint(parts) === question;
  for (const name of KEPT_ANSWERS) {
    const answer = answers[name];
    if (!answer) continue;
    identities.nameAnswer(answer.result as object, answer.identity);
    // What was kept under a stage's name is what that stage had answered.
    const stage = stages[name === "found" ? "calibrate" : name] as unknown as Stage<object, unknown>;
    stage.restore(answer.result, asked(answer));
    if (name === "found") {
      found.setState({ found: { report: answer.result as never, answers: asked(answer) } }, true);
    }
  }
}
