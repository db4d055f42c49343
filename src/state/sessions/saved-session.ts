import type { Plan } from "../../core/plan/plan.ts";
import type { PlanHistory } from "../document.ts";
import type { StageName } from "../stages.ts";
import type { StepId } from "../view.ts";

/** A file as it is known without its bytes. `sha256` is absent for external data of a model. */
export interface SavedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256?: string;
}

/** How far the work of a session had come, for a list of sessions. */
export interface SessionProgress {
  readonly ops: number;
  readonly calibratedClips?: number;
  /** Least of the outputs. */
  readonly sqnrDb?: number;
  readonly verified?: boolean;
}

/** One session as it is kept in the browser: every decision, no tensor. Its answers and files are kept beside it. */
export interface SavedSession {
  readonly schema: 1;
  readonly id: string;
  readonly name: string;
  readonly savedAtMs: number;
  /** The model's file first, then its external data. */
  readonly model: { readonly files: readonly SavedFile[]; readonly sha256: string };
  readonly twin?: SavedFile;
  readonly clips: readonly { readonly file: SavedFile; readonly used: boolean }[];
  /** The sample project whose files these are: the page can read them again by itself. */
  readonly sample?: string;
  readonly history: PlanHistory;
  readonly planAxes?: Plan["axes"];
  readonly step: StepId;
  readonly progress: SessionProgress;
  /** Stages that ran; `replaying`: "Run everything" did. */
  readonly running: readonly StageName[];
  readonly replaying: boolean;
  /** Whether the user agreed to keep the bytes of model and clips, and how many are kept. */
  readonly keepFiles: boolean;
  readonly keptBytes: number;
}

/** What a page knows of itself at once, when it goes and can wait for nothing: `clips` only where their hashes were known. */
export interface LastDecisions
  extends Pick<SavedSession, "id" | "savedAtMs" | "history" | "step" | "running" | "replaying"> {
  readonly clips?: SavedSession["clips"];
}

/** Stages whose answers are kept, and `found`: what the finished clips of an unfinished calibration gave. */
export const KEPT_ANSWERS = ["calibrate", "found", "compare", "examine", "prove", "package"] as const;
export type KeptAnswer = (typeof KEPT_ANSWERS)[number];

/** An answer and the fingerprint of what it answers. `identity` stands for it in the fingerprints of answers that rest on it. */
export interface SavedAnswer {
  readonly question: string;
  readonly identity: string;
  readonly result: unknown;
}

export type SavedAnswers = Readonly<Partial<Record<KeptAnswer, SavedAnswer>>>;

/** Where sessions are kept: IndexedDB, or a map in tests. Every method may reject with the storage's own error. */
export interface SessionKeeper {
  /** Newest first. */
  list(): Promise<readonly SavedSession[]>;
  read(id: string): Promise<SavedSession | undefined>;
  /** Makes `owner` the only page that may save this session. */
  claim(id: string, owner: string): Promise<void>;
  /** False, and nothing written, if another page claimed the session since. */
  save(session: SavedSession, owner: string): Promise<boolean>;
  readAnswers(id: string): Promise<SavedAnswers>;
  /** Undefined takes the answer away. */
  saveAnswer(id: string, of: KeptAnswer, answer: SavedAnswer | undefined): Promise<void>;
  /** Kept files by their keys. */
  readFiles(id: string): Promise<ReadonlyMap<string, Blob>>;
  /** Keeps exactly these files. */
  keepFiles(id: string, files: ReadonlyMap<string, Blob>): Promise<void>;
  delete(id: string): Promise<void>;
  deleteAll(): Promise<void>;
}
