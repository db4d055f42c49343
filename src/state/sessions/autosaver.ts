import type { Problem } from "../../core/base/problem.ts";
import { addNotice } from "../session.ts";
import type { Studio } from "../studio.ts";
import { newIdentity } from "./fingerprint.ts";
import { KEPT_ANSWERS, type KeptAnswer, type SessionKeeper } from "./saved-session.ts";
import { answerOf, filesOf, sessionRecord } from "./snapshot.ts";

/** Changes are saved together, this long after the first of them. */
const SAVE_AFTER_MS = 700;

/** The session that is being saved. */
export interface OpenSession {
  readonly id: string;
  readonly name: string;
  readonly keepFiles: boolean;
  readonly keptBytes: number;
}

/** What became of the last save. */
export interface SaveResult {
  readonly open?: OpenSession;
  readonly savedAtMs?: number;
  readonly problem?: Problem;
}

export interface AutosaverOptions {
  readonly studio: Studio;
  readonly keeper: SessionKeeper;
  readonly now: () => number;
  /** Bytes that the browser would still keep, 0 if it does not tell. */
  readonly freeBytes: () => Promise<number>;
  readonly onSaved: (result: SaveResult) => void;
  /** Another page has taken the session over: this one goes on under the id that is given back. */
  readonly fork: () => string;
}

/**
 * Saves the open session some time after each change. A save that fails is told once; work and later saves go on. Only one
 * page may save a session: whoever finds that another one has claimed it goes on with a copy.
 */
export class Autosaver {
  /** This page, among those that may save a session. */
  readonly owner = newIdentity();
  readonly #options: AutosaverOptions;
  #open: OpenSession | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> | undefined;
  #again = false;
  /** What is kept already of the open session. */
  #answers = new Map<KeptAnswer, string>();
  #files: readonly Blob[] = [];
  #failed = "";
  #savedAtMs: number | undefined;

  constructor(options: AutosaverOptions) {
    this.#options = options;
  }

  /** Starts to save under this identity; undefined: no more. */
  begin(open: OpenSession | undefined): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#open = open;
    this.#answers.clear();
    this.#files = [];
    this.#failed = "";
    this.#savedAtMs = undefined;
    this.#tell();
    if (open) this.touch();
  }

  /** The same session under another name, or with another consent. */
  change(change: Partial<Pick<OpenSession, "name" | "keepFiles">>): Promise<void> {
    if (this.#open) {
      this.#open = { ...this.#open, ...change };
      this.#tell();
    }
    return this.flush();
  }

  /** Something changed. */
  touch(): void {
    if (!this.#open) return;
    this.#timer ??= setTimeout(() => void this.flush(), SAVE_AFTER_MS);
  }

  /** Saves now; resolves when everything of this moment is kept, or could not be. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#again = true;
    // A save that was just ending has not heard of this change.
    while (this.#again && this.#open) {
      this.#saving ??= this.#saveAll().finally(() => {
        this.#saving = undefined;
      });
      await this.#saving;
    }
  }

  async #saveAll(): Promise<void> {
    while (this.#again && this.#open) {
      this.#again = false;
      const open = this.#open;
      try {
        await this.#save(open);
      } catch (error) {
        await this.#fail(open, error);
      }
    }
  }

  /** Whether this session is still the open one, perhaps under another name. */
  #isOpen({ id }: OpenSession): boolean {
    return this.#open?.id === id;
  }

  async #save(open: OpenSession): Promise<void> {
    const { studio, keeper, now, fork } = this.#options;
    const savedAtMs = now();
    const record = await sessionRecord(studio, { ...open, savedAtMs });
    if (!record) return;
    const saved = await keeper.save(record, this.owner);
    // Whatever is read of the studio from here on must be of this session.
    if (!this.#isOpen(open)) return;
    if (!saved) {
      this.begin({ ...open, id: fork(), keptBytes: 0 });
      addNotice(studio.session, { code: "session.openElsewhere", session: open.name });
      this.#again = true;
      return;
    }
    const keptBytes = await this.#saveFiles(open);
    const kept = { ...open, keptBytes };
    if (this.#open !== open) return;
    if (keptBytes !== open.keptBytes) {
      this.#open = kept;
      await keeper.save({ ...record, keptBytes }, this.owner);
    }
    await this.#saveAnswers(open);
    if (!this.#isOpen(open)) return;
    this.#failed = "";
    this.#savedAtMs = savedAtMs;
    this.#tell();
  }

  #tell(problem?: Problem): void {
    const savedAtMs = this.#savedAtMs;
    this.#options.onSaved({
      ...(this.#open && { open: this.#open }),
      ...(savedAtMs !== undefined && { savedAtMs }),
      ...(problem && { problem }),
    });
  }

  /** Keeps the bytes that the user agreed to keep, and only while he does. Gives back how many there are. */
  async #saveFiles(open: OpenSession): Promise<number> {
    const { studio, keeper } = this.#options;
    const { id, keepFiles, keptBytes } = open;
    const files = keepFiles ? filesOf(studio) : new Map<string, Blob>();
    const blobs = [...files.values()];
    const same = blobs.length === this.#files.length && blobs.every((blob, i) => blob === this.#files[i]);
    if (!same || (blobs.length === 0 && keptBytes > 0)) await keeper.keepFiles(id, files);
    if (this.#isOpen(open)) this.#files = blobs;
    return blobs.reduce((sum, blob) => sum + blob.size, 0);
  }

  async #saveAnswers(open: OpenSession): Promise<void> {
    const { studio, keeper } = this.#options;
    const { id, keepFiles } = open;
    for (const of of KEPT_ANSWERS) {
      if (!this.#isOpen(open)) return;
      const answer = answerOf(studio, of, keepFiles);
      if (answer === "asKept") continue;
      const mark = answer ? `${answer.identity} ${answer.question}` : "";
      if ((this.#answers.get(of) ?? "unknown") === mark) continue;
      await keeper.saveAnswer(id, of, answer);
      if (this.#isOpen(open)) this.#answers.set(of, mark);
    }
  }

  /** Says what failed, once; files that found no room are not tried again. */
  async #fail(failed: OpenSession, error: unknown): Promise<void> {
    const { studio, keeper, freeBytes } = this.#options;
    const files = failed.keepFiles && this.#isOpen(failed) ? [...filesOf(studio).values()] : [];
    const problem = storageProblem(error, files, await freeBytes());
    if (!this.#isOpen(failed)) return;
    if (problem.code !== this.#failed) addNotice(studio.session, problem);
    this.#failed = problem.code;
    const open = this.#open;
    if (open?.keepFiles && problem.code === "storage.full") {
      this.#open = { ...open, keepFiles: false, keptBytes: 0 };
      this.#again = true;
      await keeper.keepFiles(open.id, new Map()).catch(() => {
        // There is no less to keep than nothing.
      });
    }
    this.#tell(problem);
  }
}

function storageProblem(error: unknown, files: readonly Blob[], freeBytes: number): Problem {
  const name = error instanceof Error || error instanceof DOMException ? error.name : String(error);
  if (name !== "QuotaExceededError") return { code: "storage.blocked", reason: name };
  const needBytes = files.reduce((sum, blob) => sum + blob.size, 0);
  return { code: "storage.full", needBytes, freeBytes };
}
